import { describe, expect, it } from 'vitest';
import type { Suite } from './harness.ts';

export const uptimeSuite: Suite = (context) => {
  describe('the uptime ledger', () => {
    it('says when nobody could accept', async () => {
      const { uptime } = context().store;
      const before = Date.now();
      expect(await uptime.downtime(before - 60_000)).toEqual([]);
      await uptime.beat(true);
      await uptime.beat(false);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await uptime.beat(true);
      const windows = await uptime.downtime(before - 60_000);
      expect(windows).toEqual([{ from: expect.any(Number), to: expect.any(Number), cause: 'refusing' }]);
      const [window] = windows;
      expect(window?.from).toBeGreaterThanOrEqual(before);
      expect((window?.to ?? 0) - (window?.from ?? 0)).toBeGreaterThanOrEqual(19);
    });
  });
};
