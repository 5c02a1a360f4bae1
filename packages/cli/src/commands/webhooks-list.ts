import type { ExitName } from '../exit-codes.ts';
import { readDestinations } from '../nylas/destinations.ts';
import { answerOf, nylasClient } from '../nylas/nylas-client.ts';
import type { Tone } from '../terminal/output.ts';
import { timeCells, utcTime } from '../terminal/time.ts';
import type { CommandContext } from './command.ts';

const TONES: Readonly<Record<string, Tone>> = {
  active: 'good',
  failing: 'warning',
  failed: 'bad',
  pause: 'faint',
  inactive: 'faint',
};

/** `nylas-otel webhooks list`. */
export async function run({ settings, output, signal }: CommandContext): Promise<ExitName> {
  const client = nylasClient(settings, signal);
  const path =
    client.version === 'v3'
      ? '/v3/webhooks?limit=200'
      : `/a/${encodeURIComponent(settings['nylas.client_id'] ?? '')}/webhooks`;
  const reply = await output.during('asking Nylas', () => client.request('GET', path));
  const destinations = readDestinations(answerOf(reply, client));
  output.result({
    destinations: destinations.map(({ statusUpdatedAt, ...destination }) => ({
      ...destination,
      since: statusUpdatedAt === undefined ? null : utcTime(statusUpdatedAt * 1_000),
    })),
  });
  if (destinations.length === 0) {
    output.line('There is no webhook destination.');
    return 'ok';
  }
  output.table(
    [
      { title: 'DESTINATION', whole: true },
      { title: 'STATUS', whole: true },
      { title: 'SINCE (LOCAL)', spare: true },
      { title: 'SINCE (UTC)', spare: true },
      { title: 'URL' },
      { title: 'TRIGGERS' },
    ],
    destinations.map(({ id, status, statusUpdatedAt: at, url, triggers }) => [
      id,
      { text: status, tone: TONES[status] ?? 'warning' },
      ...(at === undefined ? ['', ''] : timeCells(at * 1_000)),
      url,
      triggers.join(' '),
    ]),
  );
  const broken = destinations.filter(({ status }) => status === 'failed' || status === 'failing');
  if (broken.length > 0) {
    output.line();
    output.line(
      'Nylas delivers nothing to a failed destination and never sends it later: nylas-otel recover fetches what can be fetched.',
    );
  }
  return broken.length > 0 ? 'findings' : 'ok';
}
