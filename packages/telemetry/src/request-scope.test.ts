import { describe, expect, it } from 'vitest';
import { currentScope, withNylasAccount, withNylasCaller } from './request-scope.ts';

describe('request scope', () => {
  it('lays account and caller over each other, across awaits, and ends with its work', async () => {
    await withNylasCaller('job', () =>
      withNylasAccount('acc1', async () => {
        await Promise.resolve();
        expect(currentScope()).toMatchObject({ caller: 'job', account: 'acc1' });
      }),
    );
    expect(currentScope()).toBeUndefined();
  });

  it('keeps parallel work apart', async () => {
    const seen = await Promise.all(
      ['a', 'b'].map((account) =>
        withNylasAccount(account, async () => {
          await new Promise(setImmediate);
          return currentScope()?.account;
        }),
      ),
    );
    expect(seen).toEqual(['a', 'b']);
  });
});
