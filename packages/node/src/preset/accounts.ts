import { type AccountWatch, accountSeriesProducer, watchAccounts } from '@nylas-otel/accounts';
import { diag } from '@opentelemetry/api';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import { addMetricProducer } from '../metrics/metric-reader.ts';
import type { EnvironmentSettings } from '../options/environment.ts';
import type { NylasTelemetryOptions } from './preset-options.ts';

/** A running watch, and what ends it. */
export interface StartedWatch {
  readonly watch: AccountWatch;
  end(): Promise<void>;
}

/**
 * Starts the watch over accounts where the options or the environment ask for it.
 *
 * @throws NylasAccountsConfigError for options of `accounts` that cannot be used; what the environment says and cannot be
 * used is reported through `diag`
 */
export function startAccounts(
  { accounts, captureAccountId }: NylasTelemetryOptions,
  settings: EnvironmentSettings,
): StartedWatch | undefined {
  if (accounts === false) return undefined;
  const capture = captureAccountId ?? settings.nylas.captureAccountId;
  const inherited = capture === undefined ? {} : { captureAccountId: capture };
  if (accounts !== undefined) return started(watchAccounts({ ...inherited, ...accounts }));
  if (!settings.watchAccounts) return undefined;
  const access = accessFromEnvironment();
  if (access === undefined) {
    diag.warn(
      'nylas-otel: NYLAS_OTEL_WATCH_ACCOUNTS is set, but accounts cannot be read without credentials. Set NYLAS_API_KEY (API v3), or NYLAS_CLIENT_ID and NYLAS_CLIENT_SECRET (API v2).',
    );
    return undefined;
  }
  try {
    return started(watchAccounts({ ...inherited, ...settings.accounts, ...access }));
  } catch (error) {
    diag.error(`nylas-otel: accounts are not watched. ${error instanceof Error ? error.message : ''}`);
    return undefined;
  }
}

type Access = { readonly apiKey: string } | { readonly clientId: string; readonly clientSecret: string };

function accessFromEnvironment(): Access | undefined {
  const { NYLAS_API_KEY: apiKey, NYLAS_CLIENT_ID: clientId, NYLAS_CLIENT_SECRET: clientSecret } = process.env;
  if (apiKey) return { apiKey };
  return clientId && clientSecret ? { clientId, clientSecret } : undefined;
}

function started(watch: AccountWatch): StartedWatch {
  // The reader takes the resource of its own provider.
  const remove = addMetricProducer(accountSeriesProducer(undefined as never) as MetricProducer);
  return {
    watch,
    end: async () => {
      remove();
      await watch.close();
    },
  };
}
