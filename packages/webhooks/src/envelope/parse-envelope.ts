import { isUtf8 } from 'node:buffer';
import { baseTrigger, providerLabel } from '@nylas-otel/nylas-api';
import { contentKey, notificationKey } from './dedupe-key.ts';
import type { Envelope, JsonObject, WebhookEvent } from './webhook-event.ts';

// In the order in which Nylas sends them.
const V3_FIELDS = new Set([
  'specversion',
  'type',
  'source',
  'id',
  'time',
  'webhook_delivery_attempt',
  'data',
]);
const V2_FIELDS = new Set(['date', 'type', 'object_data']);

// A type is at most 60 characters with every suffix; an account id may be an address.
const LONGEST_TYPE = 256;
const LONGEST_ACCOUNT = 512;
// JSON.parse takes nesting that JSON.stringify, and so a store, cannot give back.
const DEEPEST = 200;

/** Reads the bytes of a verified body, inflated if they were compressed. Never throws. */
export function parseBytes(body: Uint8Array): Envelope {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // What a TextDecoder does, in a third of the time: a byte order mark is no part of the text.
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const text = marked ? bytes.toString('utf8', 3) : bytes.toString();
  // What stands for bytes that are no text may be a character of the text, too.
  if (text.includes('\ufffd') && !isUtf8(body)) return { events: [], fault: 'not_json' };
  return parseEnvelope(text);
}

/** Reads the text of a verified body: a v3 notification or a v2 batch of deltas. Never throws. */
export function parseEnvelope(text: string): Envelope {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { events: [], fault: 'not_json' };
  }
  return readEnvelope(body);
}

/** {@link parseEnvelope} for a body that is parsed already. */
export function readEnvelope(body: unknown): Envelope {
  const envelope = objectOf(body);
  if (envelope === undefined || isTooDeep(envelope, 0)) return { events: [], fault: 'unknown_shape' };
  // v3 first: a `.legacy` tracking notification is a v3 envelope that holds v2 deltas further inside.
  const event = readNotification(envelope);
  if (event !== undefined) return { events: [event] };
  if (Array.isArray(envelope.deltas) && envelope.deltas.length > 0) return readDeltas(envelope.deltas);
  return { events: [], fault: 'unknown_shape' };
}

// Each as one literal: fields that are added one by one are written to memory several times.
function readNotification(envelope: JsonObject): WebhookEvent | undefined {
  const type = typeOf(envelope.type);
  const data = objectOf(envelope.data);
  if (type === undefined || data === undefined) return undefined;
  const trigger = baseTrigger(type);
  const id = textOf(envelope.id);
  const object = objectOf(data.object);
  const source = textOf(envelope.source);
  return {
    key: id === undefined ? contentKey('v3', envelope) : notificationKey(id),
    version: 'v3',
    type,
    trigger,
    id,
    time: timeOf(envelope.time),
    attempt: attemptOf(envelope.webhook_delivery_attempt),
    // Beside the object for send, tracking and booking triggers, in the object for all others.
    accountId: accountOf(object?.grant_id) ?? accountOf(data.grant_id),
    applicationId: textOf(data.application_id),
    provider: providerLabel(textOf(object?.provider) ?? providerOfSource(source)),
    source,
    specVersion: textOf(envelope.specversion),
    objectId: textOf(object?.id),
    truncated: hasSuffix(type, trigger, '.truncated'),
    transformed: hasSuffix(type, trigger, '.transformed'),
    data,
    extensions: restOf(envelope, V3_FIELDS),
  };
}

function readDeltas(deltas: readonly unknown[]): Envelope {
  const events: WebhookEvent[] = [];
  for (const delta of deltas) {
    const event = readDelta(delta);
    if (event !== undefined) events.push(event);
  }
  return events.length === deltas.length ? { events } : { events, fault: 'unknown_shape' };
}

function readDelta(value: unknown): WebhookEvent | undefined {
  const delta = objectOf(value);
  const type = typeOf(delta?.type);
  const data = objectOf(delta?.object_data);
  if (delta === undefined || type === undefined || data === undefined) return undefined;
  const trigger = baseTrigger(type);
  return {
    key: contentKey('v2', delta),
    version: 'v2',
    type,
    trigger,
    time: timeOf(delta.date),
    accountId: accountOf(data.account_id) ?? accountOf(data.namespace_id),
    provider: 'unknown',
    objectId: textOf(data.id),
    truncated: hasSuffix(type, trigger, '.truncated'),
    transformed: hasSuffix(type, trigger, '.transformed'),
    data,
    extensions: restOf(delta, V2_FIELDS),
  };
}

function hasSuffix(type: string, trigger: string, suffix: string): boolean {
  return type.length > trigger.length && type.includes(suffix, trigger.length);
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function typeOf(value: unknown): string | undefined {
  const type = textOf(value);
  return type !== undefined && type.length <= LONGEST_TYPE ? type : undefined;
}

function accountOf(value: unknown): string | undefined {
  const id = textOf(value);
  return id !== undefined && id.length <= LONGEST_ACCOUNT ? id : undefined;
}

// Whole seconds are documented; a number that large is milliseconds. Beyond Date's range it is no time.
function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value > 0) || value > 8.64e15) return undefined;
  return value < 1e11 ? value * 1_000 : value;
}

function attemptOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 ? value : undefined;
}

// `/google/emails/realtime`. `/nylas/system` and `/com/nylas/tracking` name no provider.
function providerOfSource(source: string | undefined): string | undefined {
  if (source === undefined || !source.startsWith('/')) return undefined;
  const end = source.indexOf('/', 1);
  const first = source.slice(1, end === -1 ? source.length : end);
  return first === 'nylas' || first === 'com' ? undefined : first;
}

// Most envelopes have nothing more, and then nothing is made.
function restOf(envelope: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: [string, unknown][] | undefined;
  for (const name of Object.keys(envelope)) {
    if (known.has(name)) continue;
    rest ??= [];
    rest.push([name, envelope[name]]);
  }
  return rest === undefined ? undefined : Object.fromEntries(rest);
}

function isTooDeep(value: object, depth: number): boolean {
  if (depth >= DEEPEST) return true;
  if (Array.isArray(value)) return value.some((inner) => isObject(inner) && isTooDeep(inner, depth + 1));
  for (const name in value) {
    const inner = (value as JsonObject)[name];
    if (isObject(inner) && isTooDeep(inner, depth + 1)) return true;
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
