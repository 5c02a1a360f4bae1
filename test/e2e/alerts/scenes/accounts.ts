import { type Cause, fault } from '../causes.ts';
import type { Stage } from '../stage.ts';

const labels = { nylas_application: 'mail' };
// Repair holds still for ten minutes when twenty accounts fail within as many: both causes together stay below.
const EXPIRING = 13;
const UNASKED = 5;

/** Those that nobody reads mail of. */
const expiring = ({ nylas }: Stage) => nylas.grants.list().slice(-EXPIRING);

/** What happens to the accounts that the exporter watches and repairs. */
export const ACCOUNTS: readonly Cause[] = [
  {
    what: 'a tenant’s passwords are reset, and nobody signs in again before the replay window closes',
    alerts: [
      'NylasMassFailure',
      'NylasAccountsInvalidSpike',
      'NylasAccountsInvalidRatioHigh',
      'NylasWebhookWindowClosing',
    ],
    labels,
    always: true,
    begin: (stage) => {
      for (const { id } of expiring(stage)) stage.nylas.grants.expire(id, { noticedAfterMs: 0 });
    },
    end: signInAgain,
  },
  {
    what: 'accounts expire, and what asks their people to sign in is down',
    alerts: ['NylasRepairFailing'],
    labels: { job: 'nylas-exporter' },
    begin: (stage) => {
      stage.people.be('fails');
      // Others than before: nobody is asked twice within a day.
      for (const { id } of stage.nylas.grants.list().slice(-EXPIRING - UNASKED, -EXPIRING))
        stage.nylas.grants.expire(id, { noticedAfterMs: 0 });
    },
    end: (stage) => {
      stage.people.be('well');
      signInAgain(stage);
    },
  },
  fault({
    what: 'no connection to Nylas lives long enough for a sweep',
    alerts: ['NylasPollStale'],
    labels,
    rule: { fault: 'reset_before_headers', route: '/v3/grants' },
  }),
];

function signInAgain({ nylas }: Stage): void {
  for (const { id, status } of nylas.grants.list()) if (status === 'invalid') nylas.grants.reauthenticate(id);
}
