import { NylasAccountsConfigError } from './config-error.ts';

// A header cannot hold anything else, and the error of `fetch` would print the value.
const PRINTABLE = /^[\x21-\x7e]{1,4096}$/;

/** A key or secret that can stand in a header. */
export function credential(option: string, value: unknown, fix: string): string {
  if (typeof value === 'string' && PRINTABLE.test(value)) return value;
  if (typeof value === 'string' && value !== '') {
    throw new NylasAccountsConfigError(
      option,
      `${option} holds white space or characters that no key has.`,
      value.trim() === value ? fix : 'It begins or ends with white space: trim it.',
    );
  }
  throw new NylasAccountsConfigError(option, `${option} must be a string, got ${kindOf(value)}.`, fix);
}

/** A function, or undefined when it is left out. */
export function functionOption(
  options: Readonly<Record<string, unknown>>,
  name: string,
  fix = 'Give a function, or leave it out.',
  prefix = '',
): unknown {
  const value = options[name];
  if (value === undefined || typeof value === 'function') return value;
  throw new NylasAccountsConfigError(
    prefix + name,
    `${prefix}${name} must be a function, got ${kindOf(value)}.`,
    fix,
  );
}

/** Yes or no. */
export function flag(
  options: Readonly<Record<string, unknown>>,
  name: string,
  preset: boolean,
  prefix = '',
): boolean {
  const value = options[name];
  if (value === undefined) return preset;
  if (typeof value === 'boolean') return value;
  throw new NylasAccountsConfigError(
    prefix + name,
    `${prefix}${name} must be true or false, got ${kindOf(value)}.`,
    `Leave it out for ${preset}.`,
  );
}

/** One of a few words. */
export function choice(
  options: Readonly<Record<string, unknown>>,
  name: string,
  values: readonly string[],
  preset: string,
): string {
  const value = options[name];
  if (value === undefined) return preset;
  if (typeof value === 'string' && values.includes(value)) return value;
  throw new NylasAccountsConfigError(
    name,
    `${name} must be one of ${values.join(', ')}, got ${kindOf(value)}.`,
    `Leave it out for "${preset}".`,
  );
}

/** A number within limits, in the unit that the option has. */
export function number(
  options: Readonly<Record<string, unknown>>,
  name: string,
  preset: number,
  least: number,
  most: number,
  unit: string,
  prefix = '',
): number {
  const value = options[name];
  if (value === undefined) return preset;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  const got = typeof value === 'number' ? `the number ${value}` : kindOf(value);
  throw new NylasAccountsConfigError(
    prefix + name,
    `${prefix}${name} must be a number from ${least} to ${most} (${unit}), got ${got}.`,
    `Leave it out for ${preset}.`,
  );
}

/** An object with options in it. */
export function objectOption(
  name: string,
  value: unknown,
  wanted: string,
): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new NylasAccountsConfigError(
    name,
    `${name} must be an object, got ${kindOf(value)}.`,
    `Give ${wanted}.`,
  );
}

/** Refuses options that do not exist: a typing error must not pass for a default. */
export function refuseUnknown(
  options: Readonly<Record<string, unknown>>,
  known: readonly string[],
  prefix: string,
): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name) || options[name] === undefined) continue;
    const meant = known.find((other) => other.toLowerCase() === name.toLowerCase().replaceAll(/[_-]/g, ''));
    throw new NylasAccountsConfigError(
      prefix + name,
      `there is no option ${prefix}${name}.`,
      meant === undefined ? `Options are ${known.join(', ')}.` : `Did you mean ${prefix}${meant}?`,
    );
  }
}

/** Names a value's type; values may be secrets. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value === '') return 'an empty string';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
