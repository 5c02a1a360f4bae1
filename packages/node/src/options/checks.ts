import { configError, typeInWords } from './config-error.ts';
import { didYouMean } from './nearest-name.ts';

/** Refuses a value that cannot be used. */
export type Check = (option: string, value: unknown) => void;

function refuse(option: string, value: unknown, fix: string): never {
  throw configError(option, `is ${typeInWords(value)}`, fix);
}

/** A value of a JavaScript type. */
export function ofType(type: 'boolean' | 'function' | 'string' | 'object'): Check {
  return (option, value) => {
    if (typeof value !== type) refuse(option, value, `Give a${type === 'object' ? 'n' : ''} ${type}.`);
  };
}

/** Any of these checks; `fix` says them all. */
export function anyOf(fix: string, ...checks: Check[]): Check {
  return (option, value) => {
    const passes = checks.some((check) => {
      try {
        check(option, value);
        return true;
      } catch {
        return false;
      }
    });
    if (!passes) refuse(option, value, fix);
  };
}

/** Exactly this value. */
export function exactly(wanted: unknown): Check {
  return (option, value) => {
    if (value !== wanted) refuse(option, value, `Give ${String(wanted)}.`);
  };
}

/** One of a closed list of strings. */
export function oneOf(...values: string[]): Check {
  return (option, value) => {
    if (typeof value !== 'string' || !values.includes(value)) {
      throw configError(
        option,
        typeof value === 'string' ? 'is a string that is not allowed here' : `is ${typeInWords(value)}`,
        `Give one of: ${values.join(', ')}.`,
      );
    }
  };
}

/** A whole number within bounds. */
export function integer(least: number, most: number): Check {
  return (option, value) => {
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      const problem = typeof value === 'number' ? 'is a number out of range' : `is ${typeInWords(value)}`;
      throw configError(option, problem, `Give a whole number from ${least} to ${most}.`);
    }
  };
}

/** A string that is not empty. */
export const text: Check = (option, value) => {
  if (typeof value !== 'string' || value === '') refuse(option, value, 'Give a string that is not empty.');
};

/** The path of a URL. */
export const urlPath: Check = (option, value) => {
  if (typeof value !== 'string' || !/^\/[^?#\s]*$/.test(value)) {
    refuse(option, value, 'Give a path that begins with "/", such as "/metrics".');
  }
};

/** Something with these methods. */
export function having(...methods: string[]): Check {
  return (option, value) => {
    const holder = value as { [method: string]: unknown } | null | undefined;
    if (holder == null || methods.some((method) => typeof holder[method] !== 'function')) {
      refuse(option, value, `Give an object with ${methods.join(', ')}.`);
    }
  };
}

/** An array whose items pass. */
export function listOf(check: Check): Check {
  return (option, value) => {
    if (!Array.isArray(value)) refuse(option, value, 'Give an array.');
    for (const [index, item] of value.entries()) check(`${option}[${index}]`, item);
  };
}

/** An object with known keys only; undefined values pass, but for the required ones. */
export function shape(checks: { readonly [key: string]: Check }, required: readonly string[] = []): Check {
  return (option, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      refuse(option === '' ? 'options' : option, value, 'Give an object of options, or nothing.');
    }
    for (const [key, item] of Object.entries(value)) {
      const path = option === '' ? key : `${option}.${key}`;
      const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
      if (check === undefined) {
        const known = Object.keys(checks);
        throw configError(
          path,
          'is not known',
          `${didYouMean(key, known).trim()} Known here: ${known.join(', ')}.`.trim(),
        );
      }
      if (item !== undefined) check(path, item);
    }
    for (const key of required) {
      if ((value as { [key: string]: unknown })[key] === undefined) {
        throw configError(`${option}.${key}`, 'is missing', 'Give it.');
      }
    }
  };
}

/** Anything: checked elsewhere. */
export const anything: Check = () => {};
