export const UUID_LENGTH = 36;
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
  for (let index = 0; index < UUID_LENGTH; index++) {
    const code = text.charCodeAt(start + index);
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (code !== 45) return false;
    } else if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70))) {
      return false;
    }
  }
  return true;
}
