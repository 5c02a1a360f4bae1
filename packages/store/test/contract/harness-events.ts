import type { ReceivedEvent } from '@nylas-otel/webhooks';

let count = 0;

/** A word that no other test uses. */
export function unique(word: string): string {
  return `${word}-${process.pid}-${++count}`;
}

export const CALL = { signal: new AbortController().signal };

/** An event as the receiver hands it over. */
export function received(about: Partial<ReceivedEvent> = {}): ReceivedEvent {
  const id = unique('event');
  const trigger = about.trigger ?? 'message.created';
  return {
    key: `v3:${id}`,
    version: 'v3',
    type: trigger,
    trigger,
    id,
    time: 1_700_000_000_000,
    accountId: unique('account'),
    provider: 'google',
    truncated: false,
    transformed: false,
    data: { object: { id: 'm1' } },
    receivedAt: 1_700_000_000_500,
    ...about,
  };
}
