const LONGEST = 512;
const WORD = /^[\w$.-]{1,80}$/;

/** Class and code of what was thrown; with its message only where that is wanted, because it may hold personal data. */
export function errorWords(error: unknown, withMessage: boolean): string {
  if (!(error instanceof Error)) return `thrown ${error === null ? 'null' : typeof error}`;
  const name = error.constructor?.name || error.name;
  const code = (error as { readonly code?: unknown }).code;
  const words = [WORD.test(name) ? name : 'Error'];
  if ((typeof code === 'string' && WORD.test(code)) || typeof code === 'number') words.push(`(${code})`);
  const text = words.join(' ');
  return withMessage ? `${text}: ${error.message}`.slice(0, LONGEST) : text;
}
