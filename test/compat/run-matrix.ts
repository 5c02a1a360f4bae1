import { startSimulator } from '@nylas-otel/simulator';
import type { Combination } from './matrix.ts';
import { runCell } from './run-cell.ts';
import type { Application } from './workshop.ts';
import { Workshop } from './workshop.ts';

/** A combination and what came of it. */
export interface Result extends Combination {
  /** What is wrong with it; undefined where all is well. */
  readonly problem: string | undefined;
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
    let problem: string | undefined;
    try {
      const application = await once(prepared, `${line.name} ${sdk}`, () => workshop.application(line, sdk));
      await once(prepared, `${line.name} ${sdk} ${style.name}`, async () => {
        await style.prepare?.(application, workshop);
        return application;
      });
      problem = await runCell({ node, application, style }, workshop, simulator);
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    say(
      `${problem === undefined ? 'ok   ' : 'FAILS'} ${label}${problem === undefined ? '' : `\n      ${problem}`}`,
    );
    results.push({ ...combination, problem });
  }
  return results;
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
