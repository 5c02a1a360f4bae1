/** What is picked of each variable; nothing is everything. */
export type Picked = Readonly<Record<string, readonly string[]>>;

/** What is picked in an address, where Grafana has it too: `var-job=mail-service`. */
export function pickedIn(parameters: URLSearchParams): Picked {
  const names = [...parameters.keys()].filter((name) => name.startsWith('var-'));
  return Object.fromEntries(names.map((name) => [name.slice('var-'.length), parameters.getAll(name)]));
}

/** A query with the variables put in: `.+`, or a regular expression of what is picked. */
export function withVariables(expr: string, picked: Picked): string {
  return expr.replace(/\$(job|instance|application|provider)\b/g, (_, name: string) => {
    const values = picked[name] ?? [];
    return values.length === 0 ? '.+' : values.map(quoted).join('|');
  });
}

// Twice: for the regular expression, and for the string it stands in.
function quoted(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\\\$&');
}
