import type { JsonObject } from './mailbox.ts';
import { isObject, objectsOf, textOf } from './untrusted.ts';

const DESTINATIONS = ['to', 'cc', 'bcc'] as const;
const PARTICIPANTS: readonly string[] = [...DESTINATIONS, 'from', 'reply_to'];
/** The lists of participants of a transactional mail: it has one sender, not a list. */
export const TRANSACTIONAL_PARTICIPANTS: readonly string[] = [...DESTINATIONS, 'reply_to'];

/** The field of a mail that is not a list of `{"name", "email"}`, or undefined when all are. */
export function wrongParticipants(
  mail: JsonObject,
  fields: readonly string[] = PARTICIPANTS,
): string | undefined {
  return fields.find((field) => {
    const value = mail[field];
    if (value === undefined || value === null) return false;
    return !Array.isArray(value) || !value.every((one) => isObject(one) && typeof one.email === 'string');
  });
}

/** The addresses a mail goes to. */
export function recipientsOf(mail: JsonObject): string[] {
  return DESTINATIONS.flatMap((field) => objectsOf(mail[field]).map((one) => textOf(one.email)));
}
