import { describe, expect, it } from 'vitest';
import { Process } from './crash.ts';
import { HOUR, MINUTE, RepairWorld } from './repair-world.ts';

const DAY = 24 * HOUR;

describe('invalid credentials', () => {
  it('are confirmed by one reading, and the user is asked at once', async () => {
    const world = new RepairWorld();
    await world.becomes('running');
    await world.becomes('invalid');
    await world.work();
    expect(world.nylas.log.map(({ what }) => what)).toEqual(['find', 'prompt']);
    expect(world.repair?.step).toBe('awaiting_reauth');
  });

  it('that a reading does not confirm lead to nothing', async () => {
    const world = new RepairWorld();
    await world.becomes('running');
    await world.becomes('invalid');
    world.nylas.state = 'running';
    await world.work();
    expect(world.nylas.log.map(({ what }) => what)).toEqual(['find']);
    expect(world.repair).toBeUndefined();
  });

  it('are not asked about again within a day, however often they come and go', async () => {
    const world = new RepairWorld();
    for (let hour = 0; hour < 23; hour++) {
      await world.becomes('invalid');
      await world.pass(30 * MINUTE, 5 * MINUTE);
      await world.becomes('running');
      await world.pass(30 * MINUTE, 5 * MINUTE);
    }
    expect(world.nylas.times('prompt')).toHaveLength(1);
  });

  it('are reminded of after three days, and escalated when nobody answers', async () => {
    const world = new RepairWorld();
    await world.becomes('invalid');
    await world.work();
    await world.pass(12 * DAY, 15 * MINUTE);
    const days = world.nylas.times('prompt').map((at) => Math.round((at - Date.UTC(2026, 0, 1)) / DAY));
    expect(days).toEqual([0, 3, 6]);
    expect(world.nylas.times('escalate')).toHaveLength(1);
  });

  it('are asked about again when the mail server refused the prompt, and only then', async () => {
    const world = new RepairWorld();
    await world.becomes('invalid');
    world.nylas.mishaps.push('lost_answer', 'refused');
    await world.work();
    await world.pass(10 * MINUTE);
    expect(world.nylas.times('prompt')).toHaveLength(1);
  });
});

describe('a stopped account', () => {
  it.each(['stopped', 'sync_error'] as const)(
    '(%s) that runs again within fifteen minutes is left alone, however often',
    async (state) => {
      const world = new RepairWorld();
      for (let hour = 0; hour < 3; hour++) {
        await world.becomes(state);
        await world.pass(14 * MINUTE);
        await world.becomes('running');
        await world.pass(46 * MINUTE);
      }
      expect(world.nylas.log).toEqual([]);
      expect(world.repair).toBeUndefined();
    },
  );

  it('that goes from one trouble to another and back is broken all the while, so it is not damped for ever', async () => {
    const world = new RepairWorld();
    for (let minutes = 0; minutes < 30; minutes += 10) {
      await world.becomes(minutes % 20 === 0 ? 'stopped' : 'sync_error');
      await world.pass(10 * MINUTE);
    }
    expect(world.nylas.times('downgrade')).toHaveLength(1);
  });

  it('that ran partly in between is damped anew', async () => {
    const world = new RepairWorld();
    await world.becomes('stopped');
    await world.pass(10 * MINUTE);
    await world.becomes('partial');
    await world.pass(10 * MINUTE);
    await world.becomes('stopped');
    await world.pass(14 * MINUTE);
    expect(world.nylas.times('downgrade')).toEqual([]);
    await world.pass(2 * MINUTE);
    expect(world.nylas.times('downgrade')).toHaveLength(1);
  });

  it('is restarted after fifteen minutes, checked, and recovered', async () => {
    const world = new RepairWorld();
    await world.becomes('stopped');
    await world.pass(30 * MINUTE);
    expect(world.nylas.log.map(({ what }) => what)).toEqual(['find', 'downgrade', 'upgrade', 'find']);
    expect(world.repair?.step).toBe('recovered');
    expect(world.journal.at(-1)).toBe('recovered recovered');
  });

  it('is asked about when the restart does not help', async () => {
    const world = new RepairWorld();
    world.nylas.afterUpgrade = 'stopped';
    await world.becomes('stopped');
    await world.pass(30 * MINUTE);
    expect(world.nylas.log.map(({ what }) => what)).toEqual([
      'find',
      'downgrade',
      'upgrade',
      'find',
      'prompt',
    ]);
  });

  it('that runs partly after the restart is checked later', async () => {
    const world = new RepairWorld();
    world.nylas.afterUpgrade = 'partial';
    await world.becomes('stopped');
    await world.pass(30 * MINUTE);
    expect(world.repair?.step).toBe('checking');
    world.nylas.state = 'running';
    await world.pass(HOUR);
    expect(world.repair?.step).toBe('recovered');
    expect(world.nylas.times('prompt')).toEqual([]);
  });

  it('is restarted once a day at most', async () => {
    const world = new RepairWorld();
    await world.becomes('stopped');
    await world.pass(HOUR);
    await world.becomes('stopped');
    await world.pass(HOUR);
    expect(world.nylas.times('downgrade')).toHaveLength(1);
    expect(world.nylas.times('prompt')).toHaveLength(1);
  });

  it.each([6, 48])('is restarted once in the %d hours that were configured', async (hours) => {
    const world = new RepairWorld({ restartEveryMs: hours * HOUR });
    for (let day = 0; day < 6; day++) {
      await world.becomes('stopped');
      await world.pass(4 * HOUR, 5 * MINUTE);
      await world.becomes('running');
      await world.pass(4 * HOUR, 5 * MINUTE);
    }
    const times = world.nylas.times('downgrade');
    expect(times).toHaveLength(hours === 6 ? 6 : 1);
    for (const [n, at] of times.entries())
      if (n > 0) expect(at - (times[n - 1] ?? 0)).toBeGreaterThanOrEqual(hours * HOUR);
  });

  it('whose owner was cancelled is left alone', async () => {
    const world = new RepairWorld();
    world.nylas.billing = 'cancelled';
    await world.becomes('stopped');
    await world.pass(HOUR);
    expect(world.nylas.log.map(({ what }) => what)).toEqual(['find']);
    expect(world.nylas.billing).toBe('cancelled');
  });

  it('is upgraded although the answer to the downgrade was lost', async () => {
    const world = new RepairWorld();
    await world.becomes('stopped');
    await world.pass(14 * MINUTE);
    world.nylas.mishaps.push('lost_answer');
    await world.pass(2 * MINUTE);
    world.nylas.mishaps.push('lost_answer');
    await world.pass(HOUR);
    expect(world.nylas.billing).toBe('paid');
    expect(world.nylas.times('downgrade')).toHaveLength(1);
  });
});

describe('after a re-authentication', () => {
  async function asked(state: 'invalid' | 'stopped' = 'invalid'): Promise<RepairWorld> {
    const world = new RepairWorld();
    world.nylas.afterUpgrade = 'stopped';
    await world.becomes(state);
    await world.pass(30 * MINUTE);
    expect(world.repair?.step).toBe('awaiting_reauth');
    return world;
  }

  it('the old tokens are revoked but the new one, and the account is checked', async () => {
    const world = await asked();
    await world.authenticates();
    await world.work();
    expect(world.nylas.log.slice(-2).map(({ what }) => what)).toEqual([
      `revoke, keeping ${world.nylas.token}`,
      'find',
    ]);
    expect(world.repair?.step).toBe('recovered');
  });

  it('no token is revoked when the account runs again with the old one', async () => {
    const world = await asked();
    await world.becomes('running');
    await world.work();
    expect(world.nylas.log.filter(({ what }) => what.startsWith('revoke'))).toEqual([]);
    expect(world.repair?.step).toBe('recovered');
  });

  it('an account that is still stopped is escalated, once', async () => {
    const world = await asked('stopped');
    world.nylas.token = 'token-2';
    await world.pass(3 * DAY, 15 * MINUTE);
    expect(world.nylas.times('escalate')).toHaveLength(1);
    expect(world.repair?.step).toBe('escalated');
  });

  it('a partly running account is checked later, and escalated after a day', async () => {
    const world = await asked();
    world.nylas.token = 'token-2';
    await world.becomes('partial');
    await world.pass(DAY / 2, 15 * MINUTE);
    expect(world.repair?.step).toBe('checking');
    await world.pass(DAY, 15 * MINUTE);
    expect(world.repair?.step).toBe('escalated');
  });
});

describe('grants of v3', () => {
  it('are never restarted', async () => {
    const world = new RepairWorld({ version: 'v3' });
    await world.becomes('invalid');
    await world.pass(DAY, 15 * MINUTE);
    expect(new Set(world.nylas.log.map(({ what }) => what))).toEqual(new Set(['find', 'prompt']));
    await world.authenticates();
    await world.work();
    expect(world.repair?.step ?? 'recovered').toBe('recovered');
    expect(world.nylas.log.at(-1)?.what).toBe('find');
  });
});

describe('a dry run', () => {
  it('reads, and journals once what it would do', async () => {
    const world = new RepairWorld({ dryRun: true });
    await world.becomes('invalid');
    await world.pass(DAY, 15 * MINUTE);
    expect(new Set(world.nylas.log.map(({ what }) => what))).toEqual(new Set(['find']));
    expect(world.journal.filter((line) => line.startsWith('would'))).toEqual(['would prompt invalid']);
    expect(world.repair?.step).toBe('planned');
  });

  it('does the upgrade that it owes', async () => {
    const world = new RepairWorld();
    await world.becomes('stopped');
    await world.pass(14 * MINUTE);
    world.now += 2 * MINUTE;
    const process = new Process();
    process.dieWhen(() => world.nylas.billing === 'cancelled');
    expect(await world.workIn(process)).toBe(true);
    expect(world.nylas.billing).toBe('cancelled');
    Object.assign(world.policy, { dryRun: true });
    await world.pass(HOUR);
    expect(world.nylas.billing).toBe('paid');
  });

  it('is no obstacle to what an operator asks for', async () => {
    const world = new RepairWorld({ dryRun: true });
    await world.becomes('stopped');
    const account = world.database.tables.accounts.get(world.id);
    if (account === undefined) throw new Error('the account is not known');
    await world.runner().tell(account, { kind: 'restart' });
    await world.pass(HOUR);
    expect(world.nylas.log.map(({ what }) => what)).toEqual(['downgrade', 'upgrade', 'find']);
  });
});

describe('the guide', () => {
  it.each([
    ['running', ['find'], 'recovered'],
    ['partial', ['find'], 'checking'],
    ['stopped', ['find', 'escalate'], 'escalated'],
  ] as const)(
    'says what follows when the account is %s after a re-authentication',
    async (state, then, step) => {
      const world = new RepairWorld({ revokeTokens: false });
      await world.becomes('invalid');
      await world.work();
      world.nylas.log.length = 0;
      world.nylas.token = 'token-2';
      await world.becomes(state);
      await world.pass(16 * MINUTE);
      expect(world.nylas.log.map(({ what }) => what)).toEqual(then);
      expect(world.repair?.step).toBe(step);
    },
  );
});

it('revokes nothing unless that is asked for', async () => {
  const world = new RepairWorld({ revokeTokens: false });
  await world.becomes('invalid');
  await world.work();
  await world.authenticates();
  await world.pass(HOUR);
  expect(world.nylas.log.filter(({ what }) => what.startsWith('revoke'))).toEqual([]);
  expect(world.repair?.step).toBe('recovered');
});

it('does nothing during a pause, and goes on after it', async () => {
  const world = new RepairWorld();
  world.hold = 'operator';
  await world.becomes('invalid');
  await world.pass(HOUR);
  expect(world.nylas.log).toEqual([]);
  world.hold = undefined;
  await world.pass(2 * MINUTE);
  expect(world.nylas.times('prompt')).toHaveLength(1);
});
