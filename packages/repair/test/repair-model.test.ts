import type { AccountState } from '@nylas-otel/nylas-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RepairPolicy } from '../src/machine/repair-policy.ts';
import { Process } from './crash.ts';
import type { Mishap } from './nylas-model.ts';
import { Promises } from './promises.ts';
import { HOUR, MINUTE, RepairWorld } from './repair-world.ts';

const DAY = 24 * HOUR;
const QUARTER = 15 * MINUTE;

interface Real {
  readonly world: RepairWorld;
  readonly promises: Promises;
}

/** One thing that happens; what must hold is checked after each. */
abstract class Happening implements fc.AsyncCommand<object, Real> {
  check(): boolean {
    return true;
  }
  abstract happen(real: Real): Promise<void>;
  async run(_model: object, real: Real): Promise<void> {
    await this.happen(real);
    expect(real.promises.broken).toEqual([]);
  }
  abstract toString(): string;
}

class Becomes extends Happening {
  readonly state: AccountState;
  constructor(state: AccountState) {
    super();
    this.state = state;
  }
  happen({ world }: Real) {
    return world.becomes(this.state);
  }
  toString() {
    return `becomes ${this.state}`;
  }
}

class Passes extends Happening {
  readonly minutes: number;
  constructor(minutes: number) {
    super();
    this.minutes = minutes;
  }
  happen({ world }: Real) {
    return world.pass(this.minutes * MINUTE, Math.max(MINUTE, (this.minutes * MINUTE) / 20));
  }
  toString() {
    return `${this.minutes} minutes pass`;
  }
}

class Dies extends Happening {
  readonly points: number;
  constructor(points: number) {
    super();
    this.points = points;
  }
  async happen({ world }: Real) {
    const process = new Process();
    process.dieAfter(this.points);
    await world.workIn(process);
  }
  toString() {
    return `works and dies after ${this.points} points`;
  }
}

class GoesWrong extends Happening {
  readonly mishap: Mishap;
  constructor(mishap: Mishap) {
    super();
    this.mishap = mishap;
  }
  async happen({ world }: Real) {
    world.nylas.mishaps.push(this.mishap);
  }
  toString() {
    return `the next request is ${this.mishap}`;
  }
}

class Simply extends Happening {
  readonly name: string;
  readonly what: (real: Real) => Promise<void> | void;
  constructor(name: string, what: (real: Real) => Promise<void> | void) {
    super();
    this.name = name;
    this.what = what;
  }
  async happen(real: Real) {
    await this.what(real);
  }
  toString() {
    return this.name;
  }
}

async function tell({ world, promises }: Real, kind: 'restart' | 'reauthenticated'): Promise<void> {
  const account = world.database.tables.accounts.get(world.id);
  if (account === undefined || (kind === 'restart' && world.policy.version === 'v3')) return;
  if (kind === 'restart') promises.asked = true;
  await world.runner().tell(account, { kind });
}

const STATES: readonly AccountState[] = ['running', 'stopped', 'invalid', 'sync_error', 'partial', 'unknown'];

const happenings = fc.commands(
  [
    fc.constantFrom(...STATES).map((state) => new Becomes(state)),
    fc.constantFrom(...STATES).map((state) => new Becomes(state)),
    fc.constantFrom(1, 4, 16, 31, 240, 1_500).map((minutes) => new Passes(minutes)),
    fc.constantFrom(1, 4, 16, 31, 240, 1_500).map((minutes) => new Passes(minutes)),
    fc.nat(60).map((points) => new Dies(points)),
    fc.nat(60).map((points) => new Dies(points)),
    fc.constantFrom<Mishap>('refused', 'unavailable', 'lost_answer').map((mishap) => new GoesWrong(mishap)),
    fc.constantFrom<AccountState>('running', 'stopped', 'partial').map(
      (state) =>
        new Simply(`a restart leads to ${state}`, ({ world }) => {
          world.nylas.afterUpgrade = state;
        }),
    ),
    fc.constant(new Simply('the user authenticates', ({ world }) => world.authenticates())),
    fc.constant(
      new Simply('there is a new token', ({ world }) => {
        world.nylas.token = `token-${world.now}`;
      }),
    ),
    fc.constant(new Simply('an operator asks for a restart', (real) => tell(real, 'restart'))),
    fc.constant(new Simply('somebody says: re-authenticated', (real) => tell(real, 'reauthenticated'))),
    fc.constant(
      new Simply('a pause begins', ({ world }) => {
        world.hold = 'operator';
      }),
    ),
    fc.constant(
      new Simply('a pause ends', ({ world }) => {
        world.hold = undefined;
      }),
    ),
    fc
      .boolean()
      .map(
        (dryRun) =>
          new Simply(`dry run: ${dryRun}`, ({ world }) => void Object.assign(world.policy, { dryRun })),
      ),
  ],
  { maxCommands: 60 },
);

function realOf(policy: Partial<RepairPolicy>): Real {
  const world = new RepairWorld(policy);
  return { world, promises: new Promises(world) };
}

/** Whatever happened: in the end nobody is left downgraded, and who is broken is not forgotten. */
async function endsWell({ world, promises }: Real): Promise<void> {
  world.hold = undefined;
  Object.assign(world.policy, { dryRun: false });
  world.nylas.mishaps.length = 0;
  await world.pass(2 * HOUR, MINUTE);
  expect(world.nylas.billing).toBe('paid');
  await world.becomes('invalid');
  const from = world.now;
  await world.pass(8 * DAY, HOUR);
  const told = [...world.nylas.times('prompt'), ...world.nylas.times('escalate')];
  expect(told.some((at) => at > from - DAY)).toBe(true);
  await world.authenticates();
  await world.pass(3 * HOUR, QUARTER);
  expect(world.repair?.step ?? 'recovered').toBe('recovered');
  await world.pass(2 * DAY, HOUR);
  expect(world.repair).toBeUndefined();
  expect(promises.broken).toEqual([]);
}

describe.each(['v2', 'v3'] as const)('whatever happens to an account of %s', (version) => {
  it('no step is done twice that must not be, and it is never left downgraded', {
    timeout: 120_000,
  }, async () => {
    const numRuns = Number(process.env.REPAIR_MODEL_RUNS ?? 200);
    await fc.assert(
      fc.asyncProperty(happenings, async (commands) => {
        const real = realOf({ version });
        await fc.asyncModelRun(() => ({ model: {}, real }), commands);
        await endsWell(real);
      }),
      { numRuns },
    );
  });
});

/** Lives of an account that go through every step, with what must have been done in the end, whenever a process died. */
const LIVES = {
  'restarted, asked, authenticated again': async (world: RepairWorld, work: () => Promise<void>) => {
    world.nylas.afterUpgrade = 'stopped';
    await world.becomes('stopped');
    await passing(world, work, 3 * HOUR);
    await world.authenticates();
    await passing(world, work, 2 * HOUR);
  },
  'invalid, and still stopped after a re-authentication': async (
    world: RepairWorld,
    work: () => Promise<void>,
  ) => {
    await world.becomes('invalid');
    await passing(world, work, HOUR);
    world.nylas.token = 'token-2';
    await world.becomes('stopped');
    await passing(world, work, 2 * HOUR);
  },
};

async function passing(world: RepairWorld, work: () => Promise<void>, ms: number): Promise<void> {
  const end = world.now + ms;
  while (world.now < end) {
    world.now += MINUTE;
    await work();
  }
}

describe.each(Object.entries(LIVES))('an account that is %s', (_name, live) => {
  it('ends the same when the process dies after any step', async () => {
    const points = await lifeThatDiesAt(live, Number.POSITIVE_INFINITY);
    expect(points.died).toBe(false);
    for (let at = 0; at < points.count; at++) {
      const { died, done, broken } = await lifeThatDiesAt(live, at);
      expect({ at, died, broken }).toEqual({ at, died: true, broken: [] });
      // A message whose sending was cut off is not sent again within a day: everything else is done, and done once.
      const unsure = (what: string): boolean => what !== 'prompt' && what !== 'escalate';
      expect({ at, done: done.filter(unsure) }).toEqual({ at, done: points.done.filter(unsure) });
    }
  });
});

/** Lives a life whose process dies once, after so many points. */
async function lifeThatDiesAt(
  live: (world: RepairWorld, work: () => Promise<void>) => Promise<void>,
  points: number,
) {
  const world = new RepairWorld();
  const promises = new Promises(world);
  const process = new Process();
  process.dieAfter(points);
  await live(world, async () => {
    if (process.dead) await world.work();
    else await world.workIn(process);
  });
  // What was done, readings aside: of these there may be any number.
  const done = [...new Set(world.nylas.log.map(({ what }) => what))].filter((what) => what !== 'find').sort();
  expect(world.nylas.billing).toBe('paid');
  expect(world.nylas.times('downgrade').length).toBeLessThanOrEqual(1);
  return { count: process.points, died: process.dead, done, broken: promises.broken };
}
