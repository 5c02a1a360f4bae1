import type { JsonObject } from './mailbox.ts';

/** The headers of a message that `fields=include_headers` shows. */
export function headersOf(message: JsonObject): { name: string; value: string }[] {
  return [
    { name: 'Subject', value: String(message.subject) },
    { name: 'Date', value: new Date(Number(message.date) * 1000).toUTCString() },
    { name: 'Message-ID', value: `<${String(message.id)}@example.com>` },
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
    String(message.body),
    '',
  ].join('\r\n');
}
