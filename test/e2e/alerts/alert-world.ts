import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  alertGroups,
  type Prometheus,
  type RulesConfig,
  recordingGroups,
  ruleGroups,
  startPrometheus,
  untilReady,
  yamlFile,
} from '@nylas-otel/grafana';
import getPort from 'get-port';

/** A page of metrics to scrape. */
export interface Target {
  readonly job: string;
  readonly url: string;
}

/** An alert as it came to the receiver. */
export interface Notice {
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
  /** The same for all notices of one alert. */
  readonly fingerprint: string;
}

/** Prometheus with our rules, Alertmanager, and somebody who is told. */
export interface AlertWorld extends AsyncDisposable {
  readonly prometheus: Prometheus;
  /** Waits until the last word on each of these alerts, if there is any, is that it is resolved. */
  quiet(alerts: readonly string[], labels: Labels): Promise<void>;
  /** Waits until it is told that an alert with these labels fires. */
  fires(alert: string, labels: Labels): Promise<Notice>;
  /** Waits until it is told that this very alert is resolved. */
  resolves(notice: Notice): Promise<void>;
}

type Labels = Readonly<Record<string, string>>;

/** Starts them all on free ports, with everything scraped, evaluated and told each second. */
export async function startAlertWorld(config: RulesConfig, targets: readonly Target[]): Promise<AlertWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-alerts-'));
  const receiver = await startReceiver();
  const alertmanager = await startAlertmanager(folder, receiver.url);
  const groups = ruleGroups(config);
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, yamlFile({ groups: [...recordingGroups(groups), ...alertGroups(groups, config)] }));
  const prometheus = await startPrometheus(
    folder,
    yamlFile({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
      scrape_configs: targets.map(({ job, url }) => ({
        job_name: job,
        metrics_path: new URL(url).pathname,
        static_configs: [{ targets: [new URL(url).host] }],
      })),
    }),
  );
  return {
    prometheus,
    quiet: receiver.quiet,
    fires: receiver.fires,
    resolves: receiver.resolves,
    [Symbol.asyncDispose]: async () => {
      await prometheus[Symbol.asyncDispose]();
      await ended(alertmanager.child);
      receiver.server.closeAllConnections();
      receiver.server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startAlertmanager(
  folder: string,
  receiver: string,
): Promise<{ url: string; child: ChildProcess }> {
  const config = join(folder, 'alertmanager.yaml');
  writeFileSync(
    config,
    yamlFile({
      route: {
        receiver: 'test',
        group_by: ['...'],
        group_wait: '100ms',
        group_interval: '1s',
        repeat_interval: '1h',
      },
      receivers: [{ name: 'test', webhook_configs: [{ url: receiver, send_resolved: true }] }],
    }),
  );
  const url = `http://127.0.0.1:${await getPort()}`;
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  await untilReady(`${url}/-/ready`, child);
  return { url, child };
}

interface Receiver extends Pick<AlertWorld, 'quiet' | 'fires' | 'resolves'> {
  readonly url: string;
  readonly server: Server;
}

async function startReceiver(): Promise<Receiver> {
  /** The last notice of each alert. */
  const known = new Map<string, Notice>();
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end();
    for (const notice of (JSON.parse(body) as { alerts: Notice[] }).alerts)
      known.set(notice.fingerprint, notice);
    for (const look of waiting) look();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  const until = <T>(holds: () => T | undefined | false): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = holds();
        if (found === undefined || found === false) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const firing = (alert: string, labels: Labels): Notice | undefined =>
    [...known.values()].find(
      (notice) =>
        notice.status === 'firing' &&
        notice.labels.alertname === alert &&
        Object.entries(labels).every(([name, value]) => notice.labels[name] === value),
    );
  return {
    url: `http://127.0.0.1:${address.port}/`,
    server,
    quiet: (alerts, labels) =>
      until(() => (alerts.some((alert) => firing(alert, labels)) ? undefined : true)).then(() => undefined),
    fires: (alert, labels) => until(() => firing(alert, labels)),
    resolves: ({ fingerprint }) =>
      until(() => known.get(fingerprint)?.status === 'resolved').then(() => undefined),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
