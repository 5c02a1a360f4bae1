import type { FaultName, Simulator } from '@nylas-otel/simulator';
import { ACCOUNT_CAUSES } from './causes-accounts.ts';
import { WEBHOOK_CAUSES } from './causes-webhooks.ts';
import type { BusyMailService } from './mail-service.ts';
import type { ScriptedExporter } from './scripted-exporter.ts';

/** What a cause may touch. */
export interface Stage {
  readonly nylas: Simulator;
  readonly service: BusyMailService;
  readonly exporter: ScriptedExporter;
}

/** Something that happens, the alerts that must come of it, and how it ends. */
export interface Cause {
  readonly what: string;
  readonly alerts: readonly string[];
  /** Part of `npm test`, too. */
  readonly always?: boolean;
  begin(stage: Stage): void | Promise<void>;
  /** Undefined where it does not resolve by itself while the test looks. */
  readonly end: ((stage: Stage) => void | Promise<void>) | undefined;
}

function fault(
  what: string,
  fault: FaultName,
  alerts: readonly string[],
  options = {},
  always = false,
): Cause {
  let id: string | undefined;
  return {
    what,
    alerts,
    always,
    begin({ nylas }) {
      id = nylas.faults.add({ fault, options });
    },
    end({ nylas }) {
      if (id !== undefined) nylas.faults.remove(id);
    },
  };
}

/** Faults of Nylas that the service meets, one after the other: they would hide each other. */
export const NYLAS_CAUSES: readonly Cause[] = [
  fault('the API key is not accepted', 'unauthorized', ['NylasCredentialsRejected'], {}, true),
  fault(
    'Nylas answers 503',
    'unavailable',
    [
      'NylasErrorBudgetBurnFast',
      'NylasErrorBudgetBurnSlow',
      'NylasRetriesExhausted',
      'NylasRetryBudgetEmpty',
    ],
    { retryAfter: null },
  ),
  fault('the application is disabled', 'application_disabled', ['NylasApplicationDisabled']),
  fault('Nylas limits us', 'rate_limit_nylas', ['NylasRateLimited'], { retryAfter: 0 }),
  fault('the provider limits us', 'rate_limit_provider', ['NylasProviderRateLimited'], { retryAfter: 0 }),
  fault('Nylas is slow', 'slow', ['NylasLatencyHigh'], { ms: 1500 }),
];

/** What an exporter tells: all at once. */
export const TOLD_CAUSES: readonly Cause[] = [...ACCOUNT_CAUSES, ...WEBHOOK_CAUSES];

/** The service dies: the last that happens. */
export const ABSENCE: Cause = {
  what: 'the service dies',
  alerts: ['NylasTelemetryAbsent'],
  begin: ({ service }) => service.kill(),
  end: undefined,
};
