import { mockDelta, mockNotification, webhookSender } from '@nylas-otel/webhooks';
import { NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { argument, type CommandContext, flagText } from './command.ts';

const MEANINGS: Readonly<Record<number, string>> = {
  0: 'no answer within 10 seconds, or no connection',
  401: 'the receiver does not take this signature: its secret is another',
  404: 'there is no receiver at this path',
  413: 'too large for the receiver or something before it; Nylas would not send it again',
  500: 'Nylas never sends again after a 500: the event would be lost',
  503: 'the receiver could not store it; Nylas would send it again',
};

/** `nylas-otel webhooks send-test [trigger]`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { settings, output } = context;
  const url = flagText(context, 'to') ?? settings['webhooks.public_url'] ?? localReceiver(context);
  const [secret] = settings['webhooks.secret'] ?? [];
  if (secret === undefined) {
    throw new NylasOtelError(
      'usage',
      'There is no secret to sign with.',
      'Set NYLAS_WEBHOOK_SECRET, or give --webhook-secret-file the path of a file that holds it.',
    );
  }
  if (!URL.canParse(url)) {
    throw new NylasOtelError(
      'usage',
      '--to is no address.',
      'Give one such as https://example.com/webhooks/nylas.',
    );
  }
  const trigger = argument(context, 'trigger') ?? 'message.created';
  const account = flagText(context, 'account');
  const made = account === undefined ? {} : { accountId: account };
  const notification = context.flags.v2
    ? { deltas: [mockDelta(trigger, made)] }
    : mockNotification(trigger, made);
  const sender = webhookSender({
    url,
    secret,
    compressed: context.flags.gzip === true,
    retryDelays: [],
  });
  const [sent] = await output.during(`waiting for ${new URL(url).host}`, () => sender.send([notification]));
  const status = sent?.statuses.at(-1) ?? 0;
  const good = sent?.acknowledged === true;
  const meaning = good ? 'accepted' : (MEANINGS[status] ?? 'Nylas takes 200 alone for an acknowledgement');
  output.result({
    url,
    trigger,
    status,
    acknowledged: good,
    meaning,
    id: 'id' in notification ? notification.id : null,
  });
  output.line(
    `${output.paint(good ? 'good' : 'bad', good ? '✓' : '✗')} ${trigger} to ${url}: ${status === 0 ? 'no answer' : status} (${meaning})`,
  );
  if (good) return 'ok';
  return status === 0 ? 'unreachable' : 'findings';
}

function localReceiver({ settings }: CommandContext): string {
  const port = settings['webhooks.port'];
  if (port === false || port === 0) {
    throw new NylasOtelError(
      'usage',
      'There is no address to send to.',
      'Give --to, or set webhooks.public_url.',
    );
  }
  return `http://${settings['webhooks.host']}:${port}${settings['webhooks.path']}`;
}
