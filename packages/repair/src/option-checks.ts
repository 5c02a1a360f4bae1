import { kindOf, NylasAccountsConfigError } from '@nylas-otel/accounts/tracking';
import type { NylasStore } from '@nylas-otel/store';

type Options = Readonly<Record<string, unknown>>;

/** An open store. */
export function storeOption(value: unknown): NylasStore {
  const store = value as Partial<NylasStore> | undefined | null;
  if (typeof store?.transaction === 'function' && typeof store.application === 'string')
    return store as NylasStore;
  throw new NylasAccountsConfigError(
    'store',
    `store must be an open store, got ${kindOf(value)}.`,
    "Give await openStore({ databaseUrl }) of '@nylas-otel/store'.",
  );
}

/** An open store, or none. */
export function optionalStore(value: unknown): NylasStore | undefined {
  return value === undefined ? undefined : storeOption(value);
}

/** A text, or none. */
export function textOption(options: Options, name: string, fix: string): string | undefined {
  const value = options[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new NylasAccountsConfigError(name, `${name} must be a string, got ${kindOf(value)}.`, fix);
}

/** A list of texts that are not empty, or none. */
export function textsOption(
  options: Options,
  name: string,
  fix: string,
  prefix = '',
): readonly string[] | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== ''))
    return value as readonly string[];
  const stranger = Array.isArray(value) ? value.find((one) => typeof one !== 'string' || one === '') : value;
  const got = Array.isArray(value) ? `an array with ${kindOf(stranger)} in it` : kindOf(value);
  throw new NylasAccountsConfigError(
    prefix + name,
    `${prefix}${name} must be a list of strings, got ${got}.`,
    fix,
  );
}

/** A date, or none. */
export function dateOption(options: Options, name: string): Date | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  const got = value instanceof Date ? 'an invalid one' : kindOf(value);
  throw new NylasAccountsConfigError(
    name,
    `${name} must be a Date, got ${got}.`,
    "Give one such as new Date('2026-11-26T02:00:00Z').",
  );
}
