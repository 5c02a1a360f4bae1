import { type Cause, fault } from '../causes.ts';

const labels = { job: 'mail-service' };
const route = '/v3/grants/{grant_id}/messages';

/** What Nylas does to the service that reads mail, one after the other: they would hide each other. */
export const REQUESTS: readonly Cause[] = [
  fault({
    what: 'the API key is not accepted',
    alerts: ['NylasCredentialsRejected'],
    labels,
    always: true,
    rule: { fault: 'unauthorized', route },
  }),
  fault({
    what: 'Nylas answers 503',
    alerts: [
      'NylasErrorBudgetBurnFast',
      'NylasErrorBudgetBurnSlow',
      'NylasRetriesExhausted',
      'NylasRetryBudgetEmpty',
    ],
    labels,
    rule: { fault: 'unavailable', route, options: { retryAfter: null } },
  }),
  fault({
    what: 'the application is disabled',
    alerts: ['NylasApplicationDisabled'],
    labels,
    rule: { fault: 'application_disabled', route },
  }),
  fault({
    what: 'Nylas limits us',
    alerts: ['NylasRateLimited'],
    labels,
    rule: { fault: 'rate_limit_nylas', route, options: { retryAfter: 0 } },
  }),
  fault({
    what: 'the provider limits us',
    alerts: ['NylasProviderRateLimited'],
    labels,
    rule: { fault: 'rate_limit_provider', route, options: { retryAfter: 0 } },
  }),
  fault({
    what: 'Nylas is slow',
    alerts: ['NylasLatencyHigh'],
    labels,
    rule: { fault: 'slow', route, options: { ms: 1500 } },
  }),
  {
    what: 'the service dies',
    alerts: ['NylasTelemetryAbsent'],
    labels,
    begin: ({ service }) => service.kill(),
    end: ({ service }) => service.start(),
  },
];
