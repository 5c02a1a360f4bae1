import { ACCOUNT_STATES, type AccountState } from '@nylas-otel/nylas-api';
import { sweepAccounts } from '../../nylas/sweep-accounts.ts';
import { knownAccounts } from '../../operations/known-accounts.ts';
import { counted } from '../../terminal/words.ts';
import { type Check, fail, NO_CREDENTIALS, pass, warn } from '../check.ts';

const UNHEALTHY: readonly AccountState[] = ['invalid', 'stopped', 'sync_error', 'exception', 'partial'];

export const accounts: Check = {
  name: 'accounts',
  looksAt: 'how many accounts there are in each state',
  async run({ client, context }, progress) {
    if (client === undefined) return NO_CREDENTIALS;
    const { outcome, byState, total, problem } = await sweepAccounts(context.settings, {
      signal: context.signal,
      progress,
      known: (over) => knownAccounts(context, over),
    });
    if (outcome !== 'success') {
      return fail(`The accounts could not be read (${problem ?? outcome}).`, 'See the check "credentials".');
    }
    const counts = ACCOUNT_STATES.filter((state) => byState[state] > 0).map(
      (state) => `${byState[state]} ${state}`,
    );
    const words =
      total === 0 ? 'There are no accounts.' : `${counted(total, 'account')}: ${counts.join(', ')}.`;
    const broken = UNHEALTHY.reduce((sum, state) => sum + byState[state], 0);
    if (broken === 0) return pass(words);
    const fix =
      'nylas-otel accounts list --unhealthy shows them; accounts reauth-link <account> makes a link for its user.';
    // Half of all at once is no matter of single mailboxes.
    return broken * 2 > total && total > 10
      ? fail(words, `${fix} So many at once: look at the platform check first.`)
      : warn(words, fix);
  },
};
