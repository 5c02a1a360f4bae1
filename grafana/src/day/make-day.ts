import { execFile } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MetricName } from '@nylas-otel/semantic-conventions';
import { DEFAULT_CONFIG, type Naming } from '../config.ts';
import { alertSeries, alertsOfTheDay, type FiredAlert } from './alerts-of-the-day.ts';
import { History } from './history.ts';
import { startPrometheus } from './prometheus.ts';
import { recordedHistory } from './recorded.ts';
import { accountSignals } from './signals/accounts.ts';
import { platformSignals } from './signals/platform.ts';
import { requestSignals } from './signals/requests.ts';
import { retrySignals } from './signals/retries.ts';
import { webhookSignals } from './signals/webhooks.ts';

const run = promisify(execFile);

/** What was written of a simulated day. */
export interface SimulatedDay {
  readonly metrics: ReadonlySet<MetricName>;
  readonly alerts: readonly FiredAlert[];
}

/**
 * Writes the simulated day and thirty days of recorded series into the data of a Prometheus in `folder`, always the
 * same, and what the alerts made of it. Needs `prometheus` and `promtool` on the PATH.
 */
export async function makeDay(folder: string, naming: Naming = 'suffixed'): Promise<SimulatedDay> {
  mkdirSync(join(folder, 'data'), { recursive: true });
  const text = join(folder, 'history.om');
  const history = new History(createWriteStream(text), naming);
  for (const signals of [requestSignals, retrySignals, accountSignals, webhookSignals, platformSignals]) {
    await signals(history);
  }
  await history.end();
  await backfill(folder, text);
  writeFileSync(text, recordedHistory());
  await backfill(folder, text);
  const alerts = await observed(folder, naming);
  writeFileSync(text, alertSeries(alerts));
  await backfill(folder, text);
  rmSync(text);
  return { metrics: history.written, alerts };
}

async function observed(folder: string, naming: Naming): Promise<FiredAlert[]> {
  await using prometheus = await startPrometheus(folder);
  return await alertsOfTheDay({ ...DEFAULT_CONFIG, naming }, prometheus);
}

// Blocks of a month: with the usual two hours every query would open hundreds of them.
async function backfill(folder: string, text: string): Promise<void> {
  await run('promtool', [
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    '--quiet',
    '--max-block-duration=744h',
    text,
    join(folder, 'data'),
  ]);
}
