import type { ConnectionOptions, RecoverySettingsOptions } from '@nylas-otel/repair';
import type { NylasStore } from '@nylas-otel/store';
import { NylasOtelError } from '../errors.ts';
import type { Settings } from '../options/settings.ts';
import { accessTokens } from './access-tokens.ts';
import { connectionOptions } from './watch-options.ts';

/** True where recovery can be made: for API v2 the access tokens of the accounts are needed. */
export function canRecover(settings: Settings): boolean {
  return settings['nylas.api_key'] !== undefined || settings['nylas.access_tokens_file'] !== undefined;
}

/**
 * The settings as recovery takes them.
 *
 * @throws NylasOtelError where credentials or, for API v2, access tokens are not given
 */
export function recoveryOptions(
  settings: Settings,
  store: NylasStore,
): ConnectionOptions & RecoverySettingsOptions {
  const connection = connectionOptions(settings);
  if (!canRecover(settings)) {
    throw new NylasOtelError(
      'usage',
      'API v2 gives what was missed to the access token of each account only.',
      'Give NYLAS_OTEL_ACCESS_TOKENS_FILE, the path of a JSON object of account ids and access tokens.',
    );
  }
  const getAccessToken = accessTokens(settings);
  return {
    ...connection,
    store,
    ...(getAccessToken === undefined ? {} : { getAccessToken }),
  };
}
