import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterEach, expect, it } from 'vitest';
import type { SweepProgress } from '../src/sweep-progress.ts';
import { type Watching, watchGrants } from './watching.ts';

let simulator: Simulator;
afterEach(() => simulator.close());

type Fetch = (...call: Parameters<typeof fetch>) => Promise<Response>;

/** A watch that notes before each page how far it says it is. */
function noting(
  ask: (sweep: SweepProgress | undefined, ...call: Parameters<typeof fetch>) => Promise<Response>,
) {
  const seen: (SweepProgress | undefined)[] = [];
  let watching: Watching | undefined;
  const noted: Fetch = async (...call) => {
    // The first page is asked for before the watch is handed out.
    await Promise.resolve();
    const sweep = watching?.watch.snapshot().sweep;
    seen.push(sweep);
    return await ask(sweep, ...call);
  };
  watching = watchGrants(simulator, { fetch: noted });
  return { ...watching, seen };
}

it('a sweep says how far it is, and nothing when it is over', async () => {
  simulator = await startSimulator({ grants: 450, limits: false });
  const { watch, runtime, seen } = noting((_, ...call) => fetch(...call));
  const begun = new Date(runtime.now());
  expect(await watch.ready).toBe('success');
  expect(seen).toEqual(
    [0, 200, 399, 450].map((accounts, pages) => ({ accounts, pages, pass: 1, startedAt: begun })),
  );
  expect(watch.snapshot().sweep).toBeUndefined();
});

it('a sweep says that it reads the list again where that changed meanwhile', async () => {
  simulator = await startSimulator({ grants: 450, limits: false });
  const { watch, seen } = noting((sweep, ...call) => {
    const [first] = simulator.grants.list();
    if (sweep?.pages === 3 && sweep.pass === 1) simulator.grants.delete(first?.id ?? '');
    return fetch(...call);
  });
  expect(await watch.ready).toBe('success');
  const again = seen.findIndex((sweep) => sweep?.pass === 2);
  expect(again).toBeGreaterThan(3);
  // Pages go on being counted, accounts begin anew.
  expect(seen[again]).toMatchObject({ accounts: 0, pages: again });
  expect(seen.at(-1)).toMatchObject({ accounts: 449, pass: 2 });
});
