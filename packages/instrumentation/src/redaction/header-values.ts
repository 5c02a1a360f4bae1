// Request and flow ids are opaque tokens of Nylas's edge; a value of any other shape is not one.
const MOST_ID = 128;
const ID_BYTES = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:.-') {
  ID_BYTES[character.charCodeAt(0)] = 1;
}
const FIRST_BYTES = ID_BYTES.slice();
for (const character of '_:.-') FIRST_BYTES[character.charCodeAt(0)] = 0;

/** A request or flow id as telemetry may show it; undefined for anything that is not shaped like one. */
export function shownId(value: Uint8Array | string | undefined): string | undefined {
  if (value === undefined || value.length === 0 || value.length > MOST_ID) return undefined;
  // Checked before it is decoded: this runs twice a traced response.
  return typeof value === 'string' ? shownText(value) : shownBytes(value);
}

function shownText(value: string): string | undefined {
  if (FIRST_BYTES[value.charCodeAt(0)] !== 1) return undefined;
  for (let i = 1; i < value.length; i++) if (ID_BYTES[value.charCodeAt(i)] !== 1) return undefined;
  return value;
}

function shownBytes(value: Uint8Array): string | undefined {
  if (FIRST_BYTES[value[0] as number] !== 1) return undefined;
  for (let i = 1; i < value.length; i++) if (ID_BYTES[value[i] as number] !== 1) return undefined;
  return headerText(value);
}

/** Most digits of a count that a header may give: beyond it a number is no longer exact. */
const MOST_DIGITS = 15;
const DIGIT_0 = 0x30;

/** A non-negative integer from a header's bytes or text; undefined for anything else. */
export function headerInteger(value: Uint8Array | string): number | undefined {
  if (value.length === 0 || value.length > MOST_DIGITS) return undefined;
  let number = 0;
  for (let i = 0; i < value.length; i++) {
    const digit = (typeof value === 'string' ? value.charCodeAt(i) : (value[i] as number)) - DIGIT_0;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

/** Node's buffers decode Latin-1 fastest by a method that its types leave out. */
interface Latin1Bytes {
  latin1Slice(start: number, end: number): string;
}

/** A header value as text: undici gives bytes, node:http strings. */
export function headerText(value: Uint8Array | string | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  const bytes =
    'latin1Slice' in value ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return (bytes as unknown as Latin1Bytes).latin1Slice(0, bytes.length);
}
