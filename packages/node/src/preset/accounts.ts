import type { EnvironmentSettings } from '../options/environment.ts';
import type { NylasTelemetryOptions } from './preset-options.ts';

export type WatchAccountsOptions = Record<string, unknown>;
export interface Accounts {
  stop(): unknown;
}

export function startAccounts(
  _options: NylasTelemetryOptions,
  _settings: EnvironmentSettings,
): Accounts | undefined {
  return undefined;
}
