import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Simulator } from '@nylas-otel/simulator';
import getPort from 'get-port';
import { type NodeVersion, speaksV2 } from './axes.ts';
import { expectedSpans, type Style } from './styles.ts';
import type { Application, Workshop } from './workshop.ts';

const run = promisify(execFile);

/** One combination of the matrix. */
export interface Cell {
  readonly node: NodeVersion;
  readonly application: Application;
  readonly style: Style;
}

/** What the application of a cell wrote down. */
interface Report {
  readonly answer: number;
  readonly requests: number;
  readonly spans?: readonly {
    readonly name: string;
    readonly kind: number;
    readonly id: string;
    readonly parent?: string;
    readonly template?: string;
  }[];
}

/**
 * Starts the application of a cell against the simulator, waits for its end and looks at what it reported.
 *
 * @returns what is wrong; undefined when the answer came, the spans and the count are right and the process ended by itself
 */
export async function runCell(
  { node, application, style }: Cell,
  workshop: Workshop,
  simulator: Simulator,
): Promise<string | undefined> {
  const report = join(application.folder, 'report.json');
  rmSync(report, { force: true });
  let said: { stdout: string; stderr: string };
  try {
    said = await run(workshop.node(node), [...style.arguments(workshop)], {
      cwd: application.folder,
      timeout: 240_000,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CI: 'true',
        NYLAS_API: speaksV2(application.sdk) ? 'v2' : 'v3',
        NYLAS_URL: simulator.url,
        NYLAS_KEY: simulator.apiKey,
        NYLAS_GRANT: simulator.grants.list()[0]?.id,
        NYLAS_TOKEN: simulator.accounts.list()[0]?.accessToken,
        NYLAS_OTEL_HOSTS: new URL(simulator.url).host,
        NYLAS_OTEL_METRICS_PORT: String(await getPort()),
        REPORT: report,
        ...style.environment,
      },
    });
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      killed,
    } = error as { stdout?: string; stderr?: string; killed?: boolean };
    return `${killed ? 'did not end within 240 s' : 'ended with an error'}: ${lastLines(stderr || stdout || String(error))}`;
  }
  let written: Report;
  try {
    written = JSON.parse(readFileSync(report, 'utf8')) as Report;
  } catch {
    return `wrote no report: ${lastLines(said.stderr || said.stdout)}`;
  }
  return problemOf(written, application, style);
}

function problemOf(
  { answer, requests, spans = [] }: Report,
  { sdk }: Application,
  style: Style,
): string | undefined {
  if (answer !== 3) return `the SDK answered ${answer} messages, not 3`;
  if (requests !== 1) return `${requests} requests were counted, not 1`;
  if (style.showsSpans === false) return undefined;
  const expected = expectedSpans(sdk);
  const client = spans.filter(({ kind }) => kind === 2);
  if (client.length !== 1)
    return `${client.length} HTTP spans, not 1: ${client.map(({ name }) => name).join(', ')}`;
  if (client[0]?.name !== expected.request) return `the HTTP span is called ${client[0]?.name}`;
  const operation = spans.find(({ name }) => name === expected.operation);
  if (operation === undefined)
    return `no span ${expected.operation}: ${spans.map(({ name }) => name).join(', ')}`;
  if (client[0]?.parent !== operation.id) return 'the HTTP span is no child of the operation';
  return undefined;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-12).join('\n');
}
