import type { ReceivedEvent } from '@nylas-otel/webhooks';

/** A webhook of v2 that tells of an account's state. */
export function accountEvent(trigger: string, accountId: string, time: number): ReceivedEvent {
  return {
    key: `v2:${trigger}:${accountId}:${time}`,
    version: 'v2',
    type: trigger,
    trigger,
    time,
    accountId,
    provider: 'unknown',
    source: '/nylas',
    objectId: accountId,
    truncated: false,
    transformed: false,
    data: { account_id: accountId, object: 'account', id: accountId },
    receivedAt: time,
  };
}
