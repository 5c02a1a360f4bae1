import { kindOf, NylasAccountsConfigError } from '@nylas-otel/accounts/tracking';
import type { NylasStore } from '@nylas-otel/store';
import {
  readDestinationSettings,
  type WatchDestinationsOptions,
} from '../destinations/watch-destinations.ts';
import { readPlatformSettings, type WatchPlatformOptions } from '../platform/watch-platform.ts';
import { readGapSettings, readRecoverySettings, type StartRecoveryOptions } from '../recovery/options.ts';
import { repairedAccount } from '../runner/effects.ts';
import type { AccountMonitorOptions } from './monitor-options.ts';

/** What a monitor runs beside its own work, on its own connection and store; undefined: not. */
export interface BesideOptions {
  readonly destinations: WatchDestinationsOptions | undefined;
  readonly platform: WatchPlatformOptions | undefined;
  readonly recovery: StartRecoveryOptions | undefined;
}

/**
 * Puts the options together and checks them now: what cannot be used must not come to light in the middle of a start.
 * @throws {NylasAccountsConfigError}
 */
export function readBeside(given: AccountMonitorOptions, store: NylasStore): BesideOptions {
  const { fetch } = given;
  const connection = connectionOf(given, store);
  return {
    destinations: part(
      'destinations',
      given.destinations,
      true,
      (own) => ({ ...connection, ...own, store }),
      readDestinationSettings,
    ),
    platform: part(
      'platform',
      given.platform,
      true,
      (own) => ({ ...(fetch === undefined ? {} : { fetch }), ...own, store }),
      readPlatformSettings,
    ),
    recovery: part(
      'recovery',
      given.recovery,
      false,
      (own) => ({ ...connection, ...own, ...tokensOf(given, store), store }),
      (options) => {
        readRecoverySettings('startRecovery', options);
        readGapSettings(options);
      },
    ),
  };
}

function part<Options>(
  name: string,
  given: unknown,
  preset: boolean,
  put: (own: object) => Options,
  check: (options: Options) => unknown,
): Options | undefined {
  const value = given === undefined ? preset : given;
  if (value === false) return undefined;
  if (value !== true && (typeof value !== 'object' || value === null || Array.isArray(value)))
    throw new NylasAccountsConfigError(
      name,
      `${name} must be true, false or an object, got ${kindOf(value)}.`,
      `Leave it out for ${preset}.`,
    );
  const options = put(value === true ? {} : value);
  try {
    check(options);
  } catch (error) {
    throw error instanceof NylasAccountsConfigError ? error.within(name) : error;
  }
  return options;
}

/** The options that say how the application is reached. */
function connectionOf(given: AccountMonitorOptions, { application }: NylasStore) {
  const { region, baseUrl, timeout, fetch, logger } = given;
  const how = Object.fromEntries(
    Object.entries({ region, baseUrl, timeout, fetch, logger }).filter(([, value]) => value !== undefined),
  );
  return given.apiKey === undefined
    ? { ...how, application, clientId: given.clientId, clientSecret: given.clientSecret }
    : { ...how, application, apiKey: given.apiKey };
}

function tokensOf({ getAccessToken }: AccountMonitorOptions, store: NylasStore) {
  if (getAccessToken === undefined) return {};
  return {
    getAccessToken: async (id: string) => {
      const account = await store.accounts.get(id);
      return account && (await getAccessToken(repairedAccount(account)));
    },
  };
}
