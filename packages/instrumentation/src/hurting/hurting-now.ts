import { requestTelemetry } from '../request-telemetry.ts';
import type { HurtingReport } from './hurting-report.ts';

/**
 * Which accounts are hurting now: the 50 with the most requests that were rate limited (429), unauthorized (401, 403), timed
 * out or met a server error (5xx), over the last 15 minutes and the last hour of this process, with their last request
 * ids. Accounts are shown as `captureAccountId` says, addresses always hashed. It names accounts: serve it to people
 * who may see them only.
 */
export function hurtingAccounts(): HurtingReport {
  return requestTelemetry().hurting();
}
