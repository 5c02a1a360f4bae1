import { randomUUID } from 'node:crypto';

/** What may be chosen of a notification; the rest is made up. */
export interface MockNotificationOptions {
  /** v3: the notification's id. Default: a new UUID. */
  readonly id?: string;
  /** Grant id (v3) or account id (v2). Default: a new one. */
  readonly accountId?: string;
  /** When it happened. Default: now. */
  readonly time?: Date;
  /** v3: `/{provider}/{product}/{kind}`. Default `/google/emails/realtime`. */
  readonly source?: string;
  /** Fields of the object it is about. */
  readonly object?: { readonly [field: string]: unknown };
}

/** A v3 notification as Nylas sends it, for tests. */
export interface MockNotification {
  readonly specversion: '1.0';
  readonly type: string;
  readonly source: string;
  readonly id: string;
  /** Unix time in seconds. */
  readonly time: number;
  readonly webhook_delivery_attempt: number;
  readonly data: {
    readonly application_id: string;
    readonly object: { readonly grant_id: string; readonly [field: string]: unknown };
  };
}

/** One delta of a v2 notification, for tests. */
export interface MockDelta {
  /** Unix time in seconds. */
  readonly date: number;
  readonly object: string;
  readonly type: string;
  readonly object_data: { readonly account_id: string; readonly [field: string]: unknown };
}

/** Makes a v3 notification of a trigger: `mockNotification('message.created')`. */
export function mockNotification(trigger: string, options: MockNotificationOptions = {}): MockNotification {
  const { id = randomUUID(), accountId = randomUUID(), source = '/google/emails/realtime' } = options;
  return {
    specversion: '1.0',
    type: trigger,
    source,
    id,
    time: seconds(options.time),
    webhook_delivery_attempt: 1,
    data: {
      application_id: '00000000-0000-4000-8000-000000000000',
      object: { id: randomUUID(), object: wordOf(trigger), ...options.object, grant_id: accountId },
    },
  };
}

/** Makes one v2 delta of a trigger; `{ deltas: [mockDelta('account.stopped')] }` is a v2 notification. */
export function mockDelta(trigger: string, options: MockNotificationOptions = {}): MockDelta {
  const accountId = options.accountId ?? randomUUID().replaceAll('-', '').slice(0, 25);
  return {
    date: seconds(options.time),
    object: wordOf(trigger),
    type: trigger,
    object_data: {
      id: randomUUID(),
      object: wordOf(trigger),
      ...options.object,
      account_id: accountId,
      namespace_id: accountId,
    },
  };
}

function seconds(time = new Date()): number {
  return Math.floor(time.getTime() / 1_000);
}

function wordOf(trigger: string): string {
  return trigger.split('.')[0] ?? trigger;
}
