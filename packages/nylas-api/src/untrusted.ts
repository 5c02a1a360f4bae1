/** A property of a value of any shape. Throwing getters and revoked proxies read as undefined. */
export function property(value: unknown, key: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

/** A property when it is a string. */
export function textProperty(value: unknown, key: string): string | undefined {
  const found = property(value, key);
  return typeof found === 'string' ? found : undefined;
}

const LONGEST_TOKEN = 128;

/**
 * A request or flow id as Nylas sends it, or undefined when it is something else: ids go into telemetry as they are, so
 * what could hold an address or a sentence must not pass.
 */
export function idToken(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length === 0 || value.length > LONGEST_TOKEN) return undefined;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    const alphanumeric =
      (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
    // - . : _
    if (!alphanumeric && code !== 45 && code !== 46 && code !== 58 && code !== 95) return undefined;
  }
  return value;
}
