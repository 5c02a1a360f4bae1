import type { JsonObject } from './mailbox.ts';

/**
 * What clients write is stored as it came, so any field of a stored object can be anything. `String` and `Number` throw
 * on objects like `{"toString": 1}`; these never do.
 */

/** A text, number or boolean as text; the empty string for anything else. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** A number, or a text that is one; NaN for anything else. */
export function numberOf(value: unknown): number {
  return typeof value === 'number'
    ? value
    : typeof value === 'string' && value !== ''
      ? Number(value)
      : Number.NaN;
}

/** The objects of a list; none when it is not a list. */
export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
