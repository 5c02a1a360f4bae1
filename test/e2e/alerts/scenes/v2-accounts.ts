import type { Cause } from '../causes.ts';
import type { FullStage } from '../stage.ts';

const account = ({ nylas }: FullStage, index: number) => {
  const found = nylas.accounts.list()[index];
  if (found === undefined) throw new Error('There are too few accounts.');
  return found;
};

/** What happens to accounts of API v2, which the example that keeps accounts alive watches. */
export const V2_ACCOUNTS: readonly Cause<FullStage>[] = [
  {
    what: 'accounts stop, and nobody mends them',
    alerts: ['NylasAccountsNotSyncing', 'NylasAccountStuck', 'NylasSyncLogsExpiring'],
    labels: { nylas_application: 'default', nylas_account_state: 'stopped' },
    begin: (stage) => stage.nylas.accounts.stop(account(stage, 0).id),
    end: (stage) => stage.nylas.accounts.run(account(stage, 0).id),
  },
  {
    what: 'an account is stopped although its person has signed in again',
    alerts: ['NylasRepairEscalated'],
    labels: { job: 'account-monitor' },
    begin: async (stage) => {
      const { id, email } = account(stage, 1);
      stage.nylas.accounts.plan(id, { reauthenticate: { state: 'stopped' } });
      stage.nylas.accounts.invalidate(id);
      await stage.monitor.followLink(email);
    },
    end: (stage) => stage.nylas.accounts.run(account(stage, 1).id),
  },
];
