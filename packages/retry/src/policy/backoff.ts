/** A source of randomness: a number in [0, 1), as `Math.random` gives. */
export type Random = () => number;

/**
 * Full jitter over exponential backoff: anything from 0 to `base * 2^retries`, at most `cap`. Spreads the clients of a
 * service that fails over the whole interval instead of letting them come back together.
 *
 * @param retries resends so far; 0 before the first
 * @param baseMs longest wait before the first resend, in milliseconds
 * @param capMs longest wait before any resend, in milliseconds
 */
export function fullJitter(retries: number, baseMs: number, capMs: number, random: Random): number {
  return random() * ceiling(retries, baseMs, capMs);
}

/**
 * The upper half of the same interval, for how long a gate closes when nobody said how long: a gate that opens after
 * 3 ms is no gate.
 */
export function equalJitter(level: number, baseMs: number, capMs: number, random: Random): number {
  const full = ceiling(level, baseMs, capMs);
  return full / 2 + random() * (full / 2);
}

function ceiling(exponent: number, baseMs: number, capMs: number): number {
  // 2^1024 is Infinity, which the cap takes care of.
  return Math.min(capMs, baseMs * 2 ** Math.max(0, exponent));
}
