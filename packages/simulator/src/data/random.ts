/** Everything the simulator invents comes from these functions: same seed, same answers, no stored state. */

/** Mixes one number into a 32-bit hash (MurmurHash3 steps; order matters). */
function mix(hash: number, value: number): number {
  let k = Math.imul(value | 0, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** Finishes a hash so that close inputs end far apart; the result is an unsigned 32-bit integer. */
function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A number from up to three numbers. */
export function hashOf(a: number, b: number, c = 0): number {
  return finish(mix(mix(mix(0x9747b28c, a), b), c));
}

/** A number from a text, for ids that come from outside. */
export function hashText(seed: number, text: string): number {
  let h = mix(0x811c9dc5, seed);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return finish(h);
}

/** A seeded stream of numbers in [0, 1) (mulberry32), for probabilities, jitter and request ids. */
export class RandomStream {
  #state: number;

  constructor(seed: number) {
    this.#state = hashOf(seed, 0x5eed);
  }

  /** The next unsigned 32-bit integer. */
  nextInteger(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** The next number in [0, 1). */
  next(): number {
    return this.nextInteger() / 4294967296;
  }
}

/** Eight lower-case hex digits of a 32-bit number. */
export function hex8(value: number): string {
  return (
    (HEX[value >>> 24] as string) + HEX[(value >>> 16) & 255] + HEX[(value >>> 8) & 255] + HEX[value & 255]
  );
}
// A table is four times as fast as toString(16), and every request makes five of these.
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A version-4 looking UUID from four 32-bit numbers. */
export function uuidFrom(a: number, b: number, c: number, d: number): string {
  const x = hex8(b);
  const y = hex8(c);
  return `${hex8(a)}-${x.slice(0, 4)}-4${x.slice(5)}-${'89ab'[(c >>> 30) & 3]}${y.slice(1, 4)}-${y.slice(4)}${hex8(d)}`;
}

/** A UUID that belongs to (seed, purpose, index) for ever. */
export function stableUuid(seed: number, purpose: number, index: number): string {
  const a = hashOf(seed, purpose, index);
  return uuidFrom(a, hashOf(a, 1, index), hashOf(a, 2, index), hashOf(a, 3, index));
}
