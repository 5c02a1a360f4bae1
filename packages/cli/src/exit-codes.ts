/** How a process may end. */
export interface Exit {
  readonly code: number;
  readonly meaning: string;
}

/** A name in {@link EXIT_CODES}. */
export type ExitName =
  | 'ok'
  | 'findings'
  | 'usage'
  | 'refused'
  | 'unreachable'
  | 'store'
  | 'busy'
  | 'notFound'
  | 'bug'
  | 'interrupted';

/** How a command may end, by code: as it should, as it says of itself, for a wrong line, by Ctrl-C. */
export function exitsOf({
  exits,
  endsBySignal,
}: {
  readonly exits: readonly ExitName[];
  readonly endsBySignal?: true;
}): (Exit & { readonly name: ExitName })[] {
  const names = new Set<ExitName>([
    'ok',
    ...exits,
    'usage',
    ...(endsBySignal ? [] : ['interrupted' as const]),
  ]);
  return [...names].map((name) => ({ name, ...EXIT_CODES[name] })).sort((a, b) => a.code - b.code);
}

/** What the process ends with. Scripts may rely on these numbers; the README's table is made from this one. */
export const EXIT_CODES: Readonly<Record<ExitName, Exit>> = {
  ok: { code: 0, meaning: 'Done, and nothing is wrong.' },
  findings: { code: 1, meaning: 'Done, and something is wrong: a check failed, a signature does not match.' },
  usage: { code: 2, meaning: 'The command or the configuration cannot be used; nothing was done.' },
  refused: { code: 3, meaning: 'Nylas, Grafana or the exporter refused the credentials.' },
  unreachable: { code: 4, meaning: 'A host does not answer, or answers what it should not.' },
  store: { code: 5, meaning: 'The store cannot be opened, read or written.' },
  busy: { code: 6, meaning: 'A port or a data folder is in use by another process.' },
  notFound: { code: 7, meaning: 'There is no such account, event or destination.' },
  bug: { code: 70, meaning: 'A defect of nylas-otel. Please report it with the line it printed.' },
  interrupted: { code: 130, meaning: 'Ended by Ctrl-C before it was done.' },
};
