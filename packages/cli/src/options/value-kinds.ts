/** How the value of an option is written, in a flag, a variable or the file. */
export interface Kind<T> {
  /** What it may be, as a part of a sentence: `Give …`. */
  readonly expects: string;
  /** Shown in help: `--flag <word>`; without, the flag takes no value. */
  readonly word?: string;
  /** JSON schema of the value in the file. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Reads a text; undefined where it cannot be used. */
  parse(text: string): T | undefined;
}

/** Text without control characters. */
export function text(expects: string, word: string, pattern: RegExp = /^[^\p{Cc}]+$/u): Kind<string> {
  return {
    expects,
    word,
    schema: { type: 'string', minLength: 1 },
    parse: (given) => (pattern.test(given) ? given : undefined),
  };
}

/** One of a closed list. */
export function choice<T extends string>(...values: readonly T[]): Kind<T> {
  return {
    expects: `one of ${values.join(', ')}`,
    word: values.join('|'),
    schema: { enum: values },
    parse: (given) => values.find((value) => value === given.toLowerCase()),
  };
}

const YES = ['true', '1', 'yes', 'on'];
const NO = ['false', '0', 'no', 'off'];

/** True or false. */
export const flag: Kind<boolean> = {
  expects: 'true or false',
  schema: { type: 'boolean' },
  parse(given) {
    const word = given.toLowerCase();
    if (YES.includes(word)) return true;
    return NO.includes(word) ? false : undefined;
  },
};

/** A whole number within bounds. */
export function integer(least: number, most: number, word = 'number'): Kind<number> {
  return number(least, most, word, true);
}

/** A duration in seconds. */
export function seconds(least: number, most: number): Kind<number> {
  return number(least, most, 'seconds', false);
}

/** A number of something a second. */
export function perSecond(least: number, most: number): Kind<number> {
  return number(least, most, 'number', false);
}

function number(least: number, most: number, word: string, whole: boolean): Kind<number> {
  return {
    expects: `a ${whole ? 'whole ' : ''}number from ${least} to ${most}${word === 'seconds' ? ' (seconds)' : ''}`,
    word,
    schema: { type: whole ? 'integer' : 'number', minimum: least, maximum: most },
    parse(given) {
      const value = Number(given);
      const usable = given.trim() !== '' && (whole ? Number.isInteger(value) : Number.isFinite(value));
      return usable && value >= least && value <= most ? value : undefined;
    },
  };
}

/** A port, or `off`. */
export const portOrOff: Kind<number | false> = {
  expects: 'a port from 0 to 65535 (0 takes a free one), or off',
  word: 'port|off',
  // YAML 1.1 readers take `off` for false.
  schema: { anyOf: [{ type: 'integer', minimum: 0, maximum: 65_535 }, { enum: ['off', false] }] },
  parse(given) {
    if (['no', 'off', 'false'].includes(given.toLowerCase())) return false;
    const port = Number(given);
    return /^\d+$/.test(given) && port <= 65_535 ? port : undefined;
  },
};

/** An http or https address without credentials in it. */
export const httpUrl: Kind<string> = {
  expects: 'an http(s) address without a user name or password in it',
  word: 'url',
  schema: { type: 'string', pattern: '^https?://' },
  parse(given) {
    const url = URL.parse(given);
    const usable =
      url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
    return usable ? given.replace(/\/+$/, '') : undefined;
  },
};

/** A list of texts, separated by commas in flags and variables. */
export function list(
  expects: string,
  word: string,
  pattern: RegExp = /^[^\p{Cc}]+$/u,
): Kind<readonly string[]> {
  return {
    expects,
    word,
    schema: { type: 'array', items: { type: 'string', minLength: 1 } },
    parse(given) {
      const items = given.split(',').map((item) => item.trim());
      return items.every((item) => pattern.test(item)) ? items : undefined;
    },
  };
}
