import type { AlertCases } from './alert-case.ts';
import { ACCOUNT_CASES } from './cases/accounts.ts';
import { MISSED_WEBHOOK_CASES } from './cases/missed-webhooks.ts';
import { PLATFORM_CASES, TELEMETRY_CASES } from './cases/platform.ts';
import { REQUEST_CASES } from './cases/requests.ts';
import { SLO_CASES } from './cases/slo.ts';
import { WEBHOOK_CASES } from './cases/webhooks.ts';

/** The cases of every alert, by its name. */
export const ALERT_CASES: Readonly<Record<string, AlertCases>> = {
  ...SLO_CASES,
  ...REQUEST_CASES,
  ...ACCOUNT_CASES,
  ...WEBHOOK_CASES,
  ...MISSED_WEBHOOK_CASES,
  ...PLATFORM_CASES,
  ...TELEMETRY_CASES,
};
