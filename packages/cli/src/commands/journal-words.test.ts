import { describe, expect, it } from 'vitest';
import { journalWords } from './journal-words.ts';

describe('a line of the journal', () => {
  it.each([
    ['repair', { event: 'begun', step: 'damping', state: 'stopped' }, 'begins: the account is stopped'],
    ['repair', { event: 'step', step: 'awaiting_reauth' }, 'waits for its user to authenticate again'],
    ['repair', { event: 'intent', step: 'restarting', effect: 'downgrade' }, 'will downgrade it'],
    [
      'repair',
      { event: 'result', effect: 'read', outcome: 'success', state: 'invalid' },
      'read the account again: success, now invalid',
    ],
    [
      'repair',
      { event: 'result', effect: 'upgrade', outcome: 'failed', cause: 'server_error', requestId: 'r-1' },
      'upgrade it: failed, because of server_error, request id r-1',
    ],
    [
      'repair',
      { event: 'would', effect: 'prompt', state: 'invalid' },
      'would ask its user to authenticate again (dry run): the account is invalid',
    ],
    [
      'request_error',
      {
        method: 'GET',
        template: '/v3/grants/{grant_id}/messages',
        status: 401,
        errorType: 'unauthorized',
        requestId: 'r-1',
        flowId: 'f-1',
        message: 'No access',
      },
      'GET /v3/grants/{grant_id}/messages was answered 401 unauthorized, request id r-1, flow id f-1 (No access)',
    ],
    [
      'request_error',
      { method: 'POST', template: '/v3/grants/{grant_id}/events', errorType: 'timeout' },
      'POST /v3/grants/{grant_id}/events had no answer: timeout',
    ],
    ['operator', { request: 'restart', force: true }, 'a restart was asked for (--force)'],
  ])('of %s, %j, reads "%s"', (kind, data, words) => {
    expect(journalWords(kind, data)).toBe(words);
  });

  it('that a later version wrote is shown as it is', () => {
    expect(journalWords('repair', { event: 'moved', step: 'x', count: 2 })).toBe(
      'event moved, step x, count 2',
    );
    expect(journalWords('news', { a: 'b' })).toBe('a b');
  });
});
