import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { Child } from './child-process.ts';

/** A Prometheus that scrapes the mail service. */
export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** The value of a query with one result; undefined while it has none. */
  query(promql: string): Promise<number | undefined>;
}

const STARTS_WITHIN_MS = 15_000;

/** The path of the program, if it is installed. */
export function findPrometheus(): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, 'prometheus');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}

/** Starts Prometheus on a free port with both pages of the service as targets; its data goes when it ends. */
export async function startPrometheus(program: string, service: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-demo-'));
  const port = await getPort();
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, 'prometheus.yml'), configuration(new URL(service).host));
  const child = new Child(
    'Prometheus',
    program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    {},
  );
  const end = async (): Promise<void> => {
    await child[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  try {
    await child.started(ready(url));
  } catch (error) {
    await end();
    throw error;
  }
  return { url, query: (promql) => query(url, promql), [Symbol.asyncDispose]: end };
}

function configuration(target: string): string {
  return `global:
  scrape_interval: 1s
scrape_configs:
  - job_name: mail-service
    static_configs:
      - targets: ['${target}']
  - job_name: mail-service-nylas
    metrics_path: /metrics/nylas
    static_configs:
      - targets: ['${target}']
`;
}

async function ready(url: string): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`Prometheus did not answer at ${url} within ${STARTS_WITHIN_MS / 1000} s.`);
}

async function query(url: string, promql: string): Promise<number | undefined> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const { data } = (await answer.json()) as { data?: { result: { value: [number, string] }[] } };
  const value = data?.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}
