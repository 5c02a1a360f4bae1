const LONGEST = 512;
const ADDRESS = /[^\s<>"',;:()[\]]+@[^\s<>"',;:()[\]]+/g;
const LONG_TOKEN = /[A-Za-z0-9_\-./+=]{24,}/g;

/**
 * An error's message as a log event may show it with `captureErrorMessage` on: cut at 512 characters, addresses and
 * anything that could be a token replaced. Names and subjects cannot be recognised, which is why it is off by default.
 */
export function shownErrorMessage(error: unknown): string | undefined {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  if (typeof message !== 'string' || message === '') return undefined;
  return message
    .slice(0, LONGEST * 2)
    .replace(ADDRESS, 'REDACTED')
    .replace(LONG_TOKEN, 'REDACTED')
    .slice(0, LONGEST);
}
