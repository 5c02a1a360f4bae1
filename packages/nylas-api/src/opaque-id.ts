export const UUID_LENGTH = 36;
const HYPHEN = 45;
const HEX_DIGITS = new Uint8Array(256);
for (const digit of '0123456789abcdefABCDEF') HEX_DIGITS[digit.charCodeAt(0)] = 1;
const SHORTEST = 20;
const LONGEST = 32;

/**
 * True when an account or grant id says nothing about a person, so that it may be shown as it is: a UUID (v3 grants), or
 * a base-36 id of 20 to 32 characters with letters and digits in it (v2 accounts have 25). Everything else is to be
 * hashed: mail addresses, `email:` and `external:` ids, `me`, names, short or free-form ids.
 */
export function isOpaqueId(id: string): boolean {
  if (id.length === UUID_LENGTH) return isUuid(id);
  if (id.length < SHORTEST || id.length > LONGEST) return false;
  let digits = 0;
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index);
    if (code >= 48 && code <= 57) digits++;
    else if (code < 97 || code > 122) return false;
  }
  // Letters only may be a name, digits only a phone number.
  return digits > 0 && digits < id.length;
}

/** True when a UUID stands in `text` from `start` on; what follows it is not looked at. */
export function isUuid(text: string, start = 0): boolean {
  return (
    isHex(text, start, start + 8) &&
    text.charCodeAt(start + 8) === HYPHEN &&
    isHex(text, start + 9, start + 13) &&
    text.charCodeAt(start + 13) === HYPHEN &&
    isHex(text, start + 14, start + 18) &&
    text.charCodeAt(start + 18) === HYPHEN &&
    isHex(text, start + 19, start + 23) &&
    text.charCodeAt(start + 23) === HYPHEN &&
    isHex(text, start + 24, start + UUID_LENGTH)
  );
}

function isHex(text: string, start: number, end: number): boolean {
  // Behind the end of the text the code is NaN, and no digit.
  for (let index = start; index < end; index++) if (HEX_DIGITS[text.charCodeAt(index)] !== 1) return false;
  return true;
}
