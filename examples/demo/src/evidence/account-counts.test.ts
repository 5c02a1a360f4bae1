import { startSimulator } from '@nylas-otel/simulator';
import { describe, expect, it } from 'vitest';
import { differenceOf, gaugedAccounts, trueAccounts } from './account-counts.ts';
import { MetricsPage } from './metrics-page.ts';

const page = (running: number, invalid: number, stopped = 0) =>
  gaugedAccounts(
    new MetricsPage(
      [
        `nylas_accounts{nylas_account_state="running",nylas_provider="google",nylas_api_version="v3"} ${running}`,
        `nylas_accounts{nylas_account_state="invalid",nylas_provider="google",nylas_api_version="v3"} ${invalid}`,
        `nylas_accounts{nylas_account_state="stopped",nylas_provider="google",nylas_api_version="v3"} ${stopped}`,
        'nylas_accounts{nylas_account_state="stopped",nylas_provider="microsoft",nylas_api_version="v2"} 1',
      ].join('\n'),
    ),
  );

describe('the account gauges beside the truth', () => {
  it('agree in every provider and state, whatever Nylas calls them, or are said to differ', async () => {
    await using nylas = await startSimulator({
      grants: [{ provider: 'google' }, { provider: 'google' }, { provider: 'google', status: 'invalid' }],
      accounts: [{ provider: 'office365', syncState: 'stopped' }],
    });
    const real = trueAccounts(nylas);
    expect(differenceOf(page(2, 1), real)).toBeUndefined();
    expect(differenceOf(page(3, 0), real)).toBe('v3 google running: 2 in truth, 3 on the gauge');
    expect(differenceOf(page(2, 1, 1), real)).toBe('v3 google stopped: none in truth, 1 on the gauge');
    expect(differenceOf([], real)).toBe('v3 google running: 2 in truth, 0 on the gauge');
  });
});
