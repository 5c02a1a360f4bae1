import type { HurtingReport } from '@nylas-otel/instrumentation';
import { ACCOUNT_STATES, type AccountState } from '@nylas-otel/nylas-api';
import { errorInWords, NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { listAccounts } from '../operations/account-operations.ts';
import { callOperation, hasState, runningExporter } from '../operations/call-operation.ts';
import { exporterStatus } from '../operations/status-operations.ts';
import { storeReport } from '../operations/store-operations.ts';
import { ago, localAndUtc, utcTime } from '../terminal/time.ts';
import { STATE_TONES } from './accounts-list.ts';
import type { CommandContext } from './command.ts';
import { showHurting } from './hurting-table.ts';
import { type PlatformStatus, platformInWords } from './platform-words.ts';

const TIMEOUT_MS = 10_000;

const ENGINES: Readonly<Record<string, string>> = { pglite: 'PGlite', postgresql: 'PostgreSQL' };

/** `nylas-otel status`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const running = (await runningExporter(context)) !== undefined;
  const stored = running || hasState(context);
  const exporter = running ? (await callOperation(context, exporterStatus, {})).result : undefined;
  const store = stored ? (await callOperation(context, storeReport, {})).result : undefined;
  const accounts = stored
    ? (await callOperation(context, listAccounts, { unhealthy: true, limit: 10 })).result
    : undefined;
  const { output, now } = context;
  const app = await hurtingOfApp(context);
  output.result({
    time: utcTime(now()),
    exporter: exporter ?? null,
    store: store ?? null,
    accounts: accounts === undefined ? null : accounts.counts,
    app: app ?? null,
  });
  output.line(output.paint('faint', localAndUtc(now())));
  showExporter(context, exporter);
  if (store !== undefined) {
    const { health, backlog } = store;
    output.line(
      `store      ${ENGINES[health.engine] ?? health.engine}, ${health.durable ? 'durable' : 'not durable'}`,
    );
    output.line(
      `events     ${backlog.queued} queued, ${backlog.active} in hand, ${backlog.dead} dead letters`,
    );
  }
  if (accounts !== undefined) {
    const words = ACCOUNT_STATES.filter((state) => accounts.counts[state] > 0).map((state: AccountState) =>
      output.paint(STATE_TONES[state], `${accounts.counts[state]} ${state}`),
    );
    output.line(`accounts   ${words.join(', ') || 'none known yet'}`);
  }
  if (exporter?.hurting !== undefined)
    showHurting(output, 'the exporter itself', exporter.hurting as HurtingReport);
  if (app !== undefined) showHurting(output, 'your service', app);
  else if (context.settings['app.url'] === undefined) {
    output.line();
    output.line(
      output.paint(
        'faint',
        'Give --app-url to see which accounts hurt in your service (middleware option hurting).',
      ),
    );
  }
  return running ? 'ok' : 'findings';
}

function showExporter(
  { output, now, settings }: CommandContext,
  status: Readonly<Record<string, unknown>> | undefined,
): void {
  if (status === undefined) {
    output.line(`exporter   ${output.paint('warning', 'not running')}: nylas-otel exporter`);
    return;
  }
  const {
    pid,
    startedAt,
    metrics,
    webhooks,
    repair,
    pause,
    problems = [],
    rss,
    destinations,
    platform,
  } = status as {
    pid: number;
    startedAt: number;
    metrics: string | null;
    webhooks: string | null;
    repair?: string;
    pause?: { why: string } | null;
    problems?: readonly string[];
    rss: number;
    destinations?: readonly { id: string; status?: string }[];
    platform?: PlatformStatus;
  };
  output.line(
    `exporter   ${output.paint('good', 'running')} for ${ago(startedAt, now())}, pid ${pid}, ${Math.round(rss / 2 ** 20)} MiB`,
  );
  output.line(`metrics    ${metrics ?? 'off'}`);
  output.line(`webhooks   ${webhooks ?? 'off'}`);
  output.line(
    `repair     ${repair ?? 'off: no credentials'}${pause == null ? '' : `, holds still: ${pause.why}`}`,
  );
  for (const problem of problems) output.line(`problem    ${output.paint('bad', problem)}`);
  if (destinations !== undefined) {
    const words = destinations.map(({ id, status: word }) => `${id} ${word ?? 'unknown'}`);
    output.line(`delivers   ${words.join(', ') || 'nowhere: Nylas has no webhook destination'}`);
  }
  if (platform !== undefined) {
    const { tone, words } = platformInWords(platform, settings['nylas.status_url']);
    output.line(`nylas      ${tone === undefined ? words : output.paint(tone, words)}`);
  }
}

async function hurtingOfApp({
  settings,
  output,
  signal,
}: CommandContext): Promise<HurtingReport | undefined> {
  const url = settings['app.url'];
  if (url === undefined) return undefined;
  const token = settings['app.token'];
  let response: Response;
  try {
    response = await output.during(`asking ${new URL(url).host}`, () =>
      fetch(url, {
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), signal]),
      }),
    );
  } catch (error) {
    throw new NylasOtelError(
      'unreachable',
      `${url} does not answer (${errorInWords(error)}).`,
      'Check app.url.',
    );
  }
  const fix =
    'It is the option hurting of nylasTelemetry(), with the token of its auth: NYLAS_OTEL_APP_TOKEN_FILE.';
  if (response.status === 401) throw new NylasOtelError('refused', `${url} answers 401.`, fix);
  const report = (await response.json().catch(() => undefined)) as HurtingReport | undefined;
  if (!response.ok || report?.last15Minutes === undefined) {
    throw new NylasOtelError(
      'unreachable',
      `${url} answers ${response.status}, and no list of accounts.`,
      fix,
    );
  }
  return report;
}
