import { startSimulator } from '@nylas-otel/simulator';
import { type NodeVersion, OPENTELEMETRY, type OpenTelemetryLine, type SdkVersion } from './axes.ts';
import type { Combination } from './matrix.ts';
import type { Neighbour } from './neighbours.ts';
import type { Results } from './results.ts';
import { runCell } from './run-cell.ts';
import type { Style } from './styles.ts';
import { type Application, Workshop } from './workshop.ts';

/** What is run in an application that is installed for it. */
export interface Job {
  readonly label: string;
  readonly node: NodeVersion;
  readonly line: OpenTelemetryLine;
  readonly sdk: SdkVersion;
  readonly style: Style;
}

/** The jobs of combinations, without those that cannot be. */
export function matrixJobs(wanted: readonly Combination[]): Job[] {
  return wanted.filter(({ excluded }) => excluded === undefined);
}

/** The label of a neighbour on a line of OpenTelemetry. */
export function neighbourLabel({ name }: Neighbour, line: OpenTelemetryLine): string {
  return `beside ${name}, OpenTelemetry ${line.name}`;
}

/** The jobs of neighbours on every line, with the newest SDK on the newest LTS Node. */
export function neighbourJobs(wanted: readonly Neighbour[]): Job[] {
  return wanted.flatMap((neighbour) =>
    OPENTELEMETRY.map((line) => ({
      label: neighbourLabel(neighbour, line),
      node: '24.21.0',
      line,
      sdk: '8.4.0',
      style: {
        name: neighbour.name,
        packages: neighbour.packages(line),
        arguments: () => ['--require', `./${neighbour.telemetry}`, 'app.cjs'],
      },
    })),
  );
}

export interface RunOptions {
  /** Tarballs of the last run are taken, not packed anew. */
  readonly keepTarballs?: boolean;
  readonly say?: (line: string) => void;
}

/** Installs and runs jobs against one simulator, two applications at a time; what passed before is not run again. */
export async function runJobs(
  jobs: readonly Job[],
  results: Results,
  { keepTarballs = false, say = () => {} }: RunOptions = {},
): Promise<void> {
  const open = jobs.filter(({ label }) => !results.passed(label));
  const workshop = await Workshop.open(
    [...new Set(open.map(({ node }) => node))],
    [...new Set(open.flatMap(({ style }) => style.tools ?? []))],
    keepTarballs,
  );
  await using simulator = await startSimulator({ grants: 1, accounts: 1 });
  const waiting = [...new Set(open.map(applicationOf))].map((application) =>
    open.filter((job) => applicationOf(job) === application),
  );
  const work = async () => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      const prepared = new Map<Style, Promise<Application>>();
      for (const job of group) {
        const started = performance.now();
        const attempt = () => problemOf(() => run(job, prepared));
        // A machine that is busy with something else makes a cell late once; what is broken fails twice.
        const problem = (await attempt()) && (await attempt());
        results.add(job.label, problem);
        const seconds = ((performance.now() - started) / 1_000).toFixed(1);
        say(`${problem === undefined ? 'ok   ' : 'FAILS'} ${seconds.padStart(5)} s  ${job.label}`);
        if (problem !== undefined) say(`      ${problem}`);
      }
    }
  };
  const run = async (job: Job, prepared: Map<Style, Promise<Application>>) => {
    const { line, sdk, style } = job;
    let application = prepared.get(style);
    if (application === undefined) {
      application = workshop.application(line, sdk, style);
      prepared.set(style, application);
      // A second attempt prepares again.
      application.catch(() => prepared.delete(style));
    }
    return await runCell({ node: job.node, application: await application, style }, workshop, simulator);
  };
  await Promise.all([work(), work()]);
}

function applicationOf({ line, sdk, style }: Job): string {
  return [line.name, sdk, style.fixture, ...Object.keys(style.packages ?? {})].join(' ');
}

async function problemOf(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
