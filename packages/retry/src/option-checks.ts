import { NylasRetryOptionsError } from './errors.ts';

/** Refuses a value. Its type is named, never the value: it may be a secret. */
export function refuse(option: string, value: unknown, wanted: string): never {
  throw new NylasRetryOptionsError(option, `Option ${option} is ${describeType(value)}; give ${wanted}.`);
}

/** Names the type of a value; numbers are shown, as they are no secrets and the fault is often in them. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return `the number ${value}`;
  return `of type ${typeof value}`;
}

/** A whole number within bounds. */
export function integer(
  option: string,
  value: unknown,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    refuse(option, value, `a whole number from ${least} to ${most}`);
  return value;
}

/** A duration in milliseconds. */
export function milliseconds(
  option: string,
  value: unknown,
  otherwise: number,
  allow: { readonly positive?: boolean; readonly infinite?: boolean } = {},
): number {
  if (value === undefined) return otherwise;
  const least = allow.positive === true ? Number.MIN_VALUE : 0;
  if (
    typeof value !== 'number' ||
    !(value >= least) ||
    (value === Number.POSITIVE_INFINITY && allow.infinite !== true)
  ) {
    const bound = allow.positive === true ? 'above 0' : 'of 0 or more';
    refuse(
      option,
      value,
      `milliseconds as a number ${bound}${allow.infinite === true ? ', or Infinity' : ''}`,
    );
  }
  return value;
}

/** A function, or nothing. */
export function oneFunction<F>(option: string, value: F | undefined): F | undefined {
  if (value !== undefined && typeof value !== 'function') refuse(option, value, 'a function');
  return value;
}
