import { timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parseEnvelope, signWebhook } from '@nylas-otel/webhooks';
import { errorInWords, NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { argument, type CommandContext, flagText } from './command.ts';

/** `nylas-otel webhooks verify <file>`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output, settings } = context;
  const path = argument(context, 'file') ?? '-';
  const signature = flagText(context, 'signature')?.trim().toLowerCase();
  const secrets = settings['webhooks.secret'];
  if (secrets === undefined) {
    throw new NylasOtelError(
      'usage',
      'There is no secret to verify with.',
      'Set NYLAS_WEBHOOK_SECRET, or give --webhook-secret-file the path of a file that holds it.',
    );
  }
  if (path === '-' && process.stdin.isTTY)
    output.note('Reading standard input: the exact bytes of the body, then Ctrl-D.');
  const body = await bytesOf(path);
  const index = secrets.findIndex(
    (secret) => signature !== undefined && equal(signWebhook(body, secret), signature),
  );
  const good = index >= 0;
  const hints = good ? [] : hintsOn(body, signature);
  const content = describe(body);
  output.result({ valid: good, secret: good ? index + 1 : null, bytes: body.length, ...content, hints });
  if (good)
    output.line(
      `${output.paint('good', '✓')} The signature is good (secret ${index + 1} of ${secrets.length}).`,
    );
  else
    output.line(
      `${output.paint('bad', '✗')} The signature does not match ${secrets.length === 1 ? 'the secret' : `any of the ${secrets.length} secrets`}.`,
    );
  output.line(
    `  ${body.length} bytes, ${content.gzip ? 'gzip' : 'not compressed'}: ${content.events.join(', ') || 'no Nylas notification'}`,
  );
  for (const hint of hints) output.line(`  ${hint}`);
  return good ? 'ok' : 'findings';
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    if (path !== '-') return await readFile(path);
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } catch (error) {
    throw new NylasOtelError(
      'usage',
      `${path} cannot be read (${errorInWords(error)}).`,
      'Give the path of a file with the exact bytes of the delivery, or - for standard input.',
    );
  }
}

function equal(expected: string, given: string): boolean {
  return expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
}

function describe(body: Buffer): { gzip: boolean; events: string[] } {
  const gzip = body[0] === 0x1f && body[1] === 0x8b;
  try {
    const { events } = parseEnvelope((gzip ? gunzipSync(body) : body).toString('utf8'));
    return { gzip, events: events.map(({ type }) => type) };
  } catch {
    return { gzip, events: [] };
  }
}

/** What most often is wrong where a signature does not match. */
function hintsOn(body: Buffer, signature: string | undefined): string[] {
  if (signature === undefined)
    return ['No signature was given: --signature takes the value of the x-nylas-signature header.'];
  if (!/^[0-9a-f]{64}$/.test(signature))
    return ['A signature is 64 hexadecimal digits; this is something else.'];
  const hints = [
    'A rotated secret is good at once and the old one is not; it is shown once, by create and rotate.',
  ];
  if (body.at(-1) === 0x0a)
    hints.push('The file ends with a line break, which Nylas does not send: an editor may have added it.');
  if (/^\s*\{\s*\n/.test(body.toString('utf8', 0, 200)))
    hints.push(
      'The body is indented: it was parsed and printed again, so its bytes are not those that were signed.',
    );
  return hints;
}
