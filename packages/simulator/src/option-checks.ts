import { SimulatorError } from './simulator-error.ts';

/** Throws what is wrong with an option and what to give instead. */
export const refuse = (name: string, value: unknown, wanted: string): never => {
  const what = name === '' ? 'the value' : `option ${name}`;
  throw new SimulatorError('invalid_option', `${what} is ${describe(value)}; give ${wanted}`);
};

/** Names a value's kind without printing it: values may be secrets. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'number' ? `the number ${value}` : `of type ${typeof value}`;
}

/** Throws a `SimulatorError` when a value is not what its option takes. */
export type Check = (name: string, value: unknown) => void;
/** A whole number in a range. */
export const integer =
  (min: number, max: number): Check =>
  (name, value) => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      refuse(name, value, `a whole number from ${min} to ${max}`);
    }
  };
/** A number in a range. */
export const number =
  (min: number, max: number): Check =>
  (name, value) => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) {
      refuse(name, value, `a number from ${min} to ${max}`);
    }
  };
/** A text that is not empty. */
export const text: Check = (name, value) => {
  if (typeof value !== 'string' || value === '') refuse(name, value, 'a text that is not empty');
};
/** True or false. */
export const flag: Check = (name, value) => {
  if (typeof value !== 'boolean') refuse(name, value, 'true or false');
};
/** One of these texts. */
export const oneOf =
  (...values: readonly string[]): Check =>
  (name, value) => {
    if (!values.includes(value as string)) refuse(name, value, `one of ${values.join(', ')}`);
  };
/** An object with these fields and no others. */
export const record =
  (checks: Readonly<Record<string, Check>>): Check =>
  (name, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(name, value, 'an object');
    for (const [key, inner] of Object.entries(value as Record<string, unknown>)) {
      if (inner === undefined) continue;
      const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
      const known = Object.keys(checks).join(', ');
      if (check === undefined)
        throw new SimulatorError('invalid_option', `unknown option ${join(name, key)}; known are ${known}`);
      check(join(name, key), inner);
    }
  };
const join = (outer: string, inner: string): string => (outer === '' ? inner : `${outer}.${inner}`);
/** One check or the other, by what the value is. */
export const either =
  (first: (value: unknown) => boolean, whenFirst: Check, otherwise: Check): Check =>
  (name, value) =>
    (first(value) ? whenFirst : otherwise)(name, value);
/** An array whose items pass. */
export const listOf =
  (check: Check): Check =>
  (name, value) => {
    if (!Array.isArray(value)) refuse(name, value, 'a number or an array');
    (value as unknown[]).forEach((item, index) => {
      check(`${name}[${index}]`, item);
    });
  };
/** For {@link either}. */
export const isNumber = (value: unknown): boolean => typeof value === 'number';
/** Takes everything. */
export const anything: Check = () => undefined;
/** A count in a time. */
export const rate: Check = integer(1, 1_000_000_000);
