import { hashOf, hex8 } from './random.ts';

/**
 * Ids that carry their own index, so that `find` needs no table: eight hex digits of the masked index and eight of a
 * check value. An id that was never handed out does not decode and is answered with 404.
 */
export function encodeId(key: number, kind: number, index: number): string {
  return hex8(index ^ hashOf(key, kind)) + hex8(hashOf(key, kind + 1000, index));
}

/** The index behind an id made by {@link encodeId}, or -1. */
export function decodeId(key: number, kind: number, id: string): number {
  if (id.length !== 16) return -1;
  const masked = Number.parseInt(id.slice(0, 8), 16);
  if (Number.isNaN(masked)) return -1;
  const index = (masked ^ hashOf(key, kind)) >>> 0;
  return index < 0x7fffffff && encodeId(key, kind, index) === id ? index : -1;
}

const MICROSOFT_PREFIX = 'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A';

/** Dresses an id as the provider would: Microsoft's are long and end in `=`, which shows encoding mistakes. */
export function dressId(provider: string, id: string): string {
  return provider === 'microsoft' ? `${MICROSOFT_PREFIX}${id}==` : id;
}

/** Takes the provider's dress off again; returns the id unchanged where there is none. */
export function undressId(provider: string, id: string): string {
  return provider === 'microsoft' && id.startsWith(MICROSOFT_PREFIX) && id.endsWith('==')
    ? id.slice(MICROSOFT_PREFIX.length, -2)
    : id;
}

/** A v2 id: 25 characters of base 36, from one of ours. */
export function toV2Id(id: string): string {
  const high = Number.parseInt(id.slice(0, 8), 16).toString(36).padStart(7, '0');
  const low = Number.parseInt(id.slice(8, 16), 16).toString(36).padStart(7, '0');
  const rest = hashOf(Number.parseInt(id.slice(0, 8), 16), 7, Number.parseInt(id.slice(8, 16), 16))
    .toString(36)
    .padStart(11, '0');
  return `${rest}${high}${low}`;
}

/** The id behind a v2 id made by {@link toV2Id}, or the empty string. */
export function fromV2Id(id: string): string {
  if (id.length !== 25) return '';
  const high = Number.parseInt(id.slice(11, 18), 36);
  const low = Number.parseInt(id.slice(18), 36);
  if (!(high <= 0xffffffff && low <= 0xffffffff)) return '';
  const plain = hex8(high) + hex8(low);
  return toV2Id(plain) === id ? plain : '';
}
