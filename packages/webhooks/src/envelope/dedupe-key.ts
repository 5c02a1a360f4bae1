import { createHash } from 'node:crypto';
import type { JsonObject } from './webhook-event.ts';

// Ids are UUIDs; what is much longer is not kept as it is.
const LONGEST_ID = 200;

/** Key of a v3 notification: its id, the same on every attempt and for every destination. */
export function notificationKey(id: string): string {
  return id.length <= LONGEST_ID ? `v3:${id}` : `v3:#${digest(id)}`;
}

/**
 * Key of an envelope without an id (every v2 delta; a v3 envelope that breaks its schema): a digest of its whole content,
 * whatever the order of its fields. Type, object, account and date alone would make one of two opens in one second, and
 * an event that is taken for a duplicate is lost.
 */
export function contentKey(version: 'v2' | 'v3', envelope: JsonObject): string {
  return `${version}:#${digest(canonical(envelope))}`;
}

/** Key of a body that cannot be read. */
export function bodyKey(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** A mark of any JSON, whatever the order of fields: 64 bits, enough to tell the states of one object apart. */
export function shortDigest(value: unknown): string {
  return digest(canonical(value)).slice(0, 16);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

// Of an attempt's own making, so no part of what the notification is.
const PER_ATTEMPT = 'webhook_delivery_attempt';

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const object = value as JsonObject;
  const fields = Object.keys(object)
    .filter((name) => name !== PER_ATTEMPT)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(object[name])}`);
  return `{${fields.join(',')}}`;
}
