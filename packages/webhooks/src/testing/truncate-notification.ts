/** Nylas truncates a notification above this many bytes. */
export const LARGEST_NOTIFICATION = 1_000_000;

/**
 * A notification as Nylas shortens it: above `limit` bytes of JSON a `message.*` one loses its body and its type gets
 * `.truncated`. Others, and smaller ones, are given back as they are.
 */
export function truncateNotification(notification: object, limit: number = LARGEST_NOTIFICATION): object {
  const envelope = notification as { type?: unknown; data?: { object?: { [field: string]: unknown } } };
  if (typeof envelope.type !== 'string' || !envelope.type.startsWith('message.')) return notification;
  if (Buffer.byteLength(JSON.stringify(notification)) <= limit) return notification;
  const { body: _, ...object } = envelope.data?.object ?? {};
  return { ...envelope, type: `${envelope.type}.truncated`, data: { ...envelope.data, object } };
}
