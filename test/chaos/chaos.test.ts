// Debian: apt install postgresql
import { hasPostgres } from '@nylas-otel/store/testing';
import { describe, expect, it } from 'vitest';
import { chaos } from './chaos.ts';
import { isClean, lines } from './report.ts';

describe.runIf(hasPostgres())('receivers, workers and PostgreSQL that are killed', () => {
  it('lose nothing that was acknowledged and do nothing twice', async () => {
    const report = await chaos({ events: 2_000, kills: 3, restarts: 1, seed: 20_260_101 });
    console.log(lines(report).join('\n'));
    expect(Object.values(report.kills).reduce((sum, kills) => sum + kills)).toBe(3);
    expect(report).toMatchObject({ acknowledged: 2_000, effects: 2_000, restarts: 1 });
    expect(report).toMatchObject({ missing: 0, twice: 0, outOfOrder: 0, dead: 0 });
    expect(isClean(report)).toBe(true);
  }, 300_000);
});
