import { startSimulator } from '@nylas-otel/simulator';
import { OPENTELEMETRY, type OpenTelemetryLine } from './axes.ts';
import type { Combination } from './matrix.ts';
import type { Neighbour } from './neighbours.ts';
import { runCell } from './run-cell.ts';
import type { Style } from './styles.ts';
import type { Application } from './workshop.ts';
import { Workshop } from './workshop.ts';

/** A combination and what came of it. */
export interface Result extends Combination {
  /** What is wrong with it; undefined where all is well. */
  readonly problem: string | undefined;
}

/** A neighbour on a line of OpenTelemetry, and what came of it. */
export interface NeighbourResult {
  readonly neighbour: Neighbour;
  readonly line: OpenTelemetryLine;
  readonly problem: string | undefined;
}

/** Runs every neighbour on every line, with the newest SDK on the newest LTS Node. */
export async function runNeighbours(
  wanted: readonly Neighbour[],
  say: (line: string) => void = () => {},
): Promise<NeighbourResult[]> {
  const node = '24.21.0';
  const workshop = await Workshop.open([node], []);
  await using simulator = await startSimulator({ grants: 1, accounts: 1 });
  const results: NeighbourResult[] = [];
  for (const neighbour of wanted) {
    for (const line of OPENTELEMETRY) {
      const style: Style = {
        name: neighbour.name,
        arguments: () => ['--require', `./${neighbour.telemetry}`, 'app.cjs'],
      };
      const problem = await problemOf(async () => {
        const application = await workshop.application(line, '8.4.0', neighbour.packages(line));
        return await runCell({ node, application, style }, workshop, simulator);
      });
      tell(say, `beside ${neighbour.name}, OpenTelemetry ${line.name}`, problem);
      results.push({ neighbour, line, problem });
    }
  }
  return results;
}

/** Installs and runs combinations one by one against one simulator. */
export async function runMatrix(
  wanted: readonly Combination[],
  say: (line: string) => void = () => {},
): Promise<Result[]> {
  const included = wanted.filter(({ excluded }) => excluded === undefined);
  const workshop = await Workshop.open(
    [...new Set(included.map(({ node }) => node))],
    [...new Set(included.flatMap(({ style }) => style.tools ?? []))],
  );
  await using simulator = await startSimulator({ grants: 1, accounts: 1 });
  const prepared = new Map<string, Promise<Application>>();
  const results: Result[] = [];
  for (const combination of included) {
    const { line, sdk, style, node } = combination;
    const label = `nylas ${sdk}, OpenTelemetry ${line.name}, Node ${node}, ${style.name}`;
    const problem = await problemOf(async () => {
      const application = await once(prepared, `${line.name} ${sdk}`, () => workshop.application(line, sdk));
      await once(prepared, `${line.name} ${sdk} ${style.name}`, async () => {
        await style.prepare?.(application, workshop);
        return application;
      });
      return await runCell({ node, application, style }, workshop, simulator);
    });
    tell(say, label, problem);
    results.push({ ...combination, problem });
  }
  return results;
}

async function problemOf(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function tell(say: (line: string) => void, label: string, problem: string | undefined): void {
  say(
    `${problem === undefined ? 'ok   ' : 'FAILS'} ${label}${problem === undefined ? '' : `\n      ${problem}`}`,
  );
}

function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}
