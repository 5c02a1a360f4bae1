import type { JsonObject } from './mailbox.ts';
import { textOf } from './untrusted.ts';

/** The headers of a message that `fields=include_headers` shows. */
export function headersOf(message: JsonObject): { name: string; value: string }[] {
  return [
    { name: 'Subject', value: textOf(message.subject) },
    { name: 'Date', value: new Date(Number(message.date) * 1000).toUTCString() },
    { name: 'Message-ID', value: `<${textOf(message.id)}@example.com>` },
  ];
}

/** A message as MIME, plain enough for any parser. */
export function mimeOf(message: JsonObject): string {
  const lines = headersOf(message).map(({ name, value }) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}`);
  return [
    ...lines,
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
    '',
    textOf(message.body),
    '',
  ].join('\r\n');
}
