/** What a GET asks for. */
export type ChallengeReading =
  | { readonly kind: 'challenge'; readonly value: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'refused' };

const LONGEST = 256;
// Nylas's values are URL-safe. What could be markup is not echoed, although the answer is text/plain.
const SAFE = /^[\w.~+/=:-]+$/;

/**
 * The value of `?challenge=` that Nylas wants back to the letter, when it creates or re-activates a destination.
 *
 * @param query the raw query string, without its question mark
 */
export function readChallenge(query: string): ChallengeReading {
  const value = new URLSearchParams(query).get('challenge');
  if (value === null) return { kind: 'none' };
  if (value.length > LONGEST || !SAFE.test(value)) return { kind: 'refused' };
  return { kind: 'challenge', value };
}
