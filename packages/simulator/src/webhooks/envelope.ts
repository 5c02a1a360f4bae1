import type { JsonObject } from '../data/mailbox.ts';
import type { Notice } from '../notices/notice.ts';

const PRODUCTS: Readonly<Record<string, string>> = {
  message: 'emails',
  thread: 'emails',
  folder: 'emails',
  event: 'events',
  calendar: 'calendars',
  contact: 'contacts',
};

/** `/{provider}/{product}/{kind}`, or one of Nylas's own sources. */
function sourceOf({ trigger, provider }: Notice): string {
  const [object = ''] = trigger.split('.');
  if (/^message\.(?:opened|link_clicked)|^thread\.replied/.test(trigger)) return '/com/nylas/tracking';
  const product = Object.hasOwn(PRODUCTS, object) ? PRODUCTS[object] : undefined;
  return product === undefined ? '/nylas/system' : `/${provider}/${product}/realtime`;
}

/** A v3 notification. */
export function v3Envelope(notice: Notice, applicationId: string, attempt: number): JsonObject {
  return {
    specversion: '1.0',
    type: notice.trigger,
    source: sourceOf(notice),
    id: notice.id,
    time: Math.floor(notice.time / 1000),
    webhook_delivery_attempt: attempt,
    data: { application_id: applicationId, object: notice.object },
  };
}

/** A v2 notification: many deltas at once. */
export function v2Envelope(notices: readonly Notice[]): JsonObject {
  return {
    deltas: notices.map((notice) => ({
      date: Math.floor(notice.time / 1000),
      object: notice.object.object,
      type: notice.trigger,
      object_data: notice.object,
    })),
  };
}
