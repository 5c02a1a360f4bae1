import type { JsonObject } from './mailbox.ts';

const FIELDS = ['to', 'cc', 'bcc'] as const;

/** The addresses a mail goes to; the lists were checked before. */
export function recipientsOf(mail: JsonObject): string[] {
  return FIELDS.flatMap((field) => ((mail[field] ?? []) as { email: string }[]).map((one) => one.email));
}
