import { describe, expect, it } from 'vitest';
import { deferred, eventually, type Suite } from './harness.ts';
import { unique } from './harness-events.ts';

export const jobsSuite: Suite = (context) => {
  describe('jobs', () => {
    it('run once each, also those that were sent before anybody worked', async () => {
      const { jobs } = context().store;
      const queue = unique('queue');
      expect(await jobs.send(queue, { n: 1 })).toBe(true);
      expect(await jobs.send(queue, { n: 2 })).toBe(true);
      const done: number[] = [];
      const stop = await jobs.work<{ n: number }>(queue, async ({ n }, { run }) => {
        done.push(n * run);
      });
      await jobs.send(queue, { n: 3 });
      await eventually(() => expect(done.toSorted()).toEqual([1, 2, 3]));
      await stop();
    });

    it('with a key are at most one that waits or runs', async () => {
      const { jobs } = context().store;
      const queue = unique('queue');
      expect(await jobs.send(queue, { n: 1 }, { key: 'a' })).toBe(true);
      expect(await jobs.send(queue, { n: 2 }, { key: 'a' })).toBe(false);
      expect(await jobs.send(queue, { n: 3 }, { key: 'b' })).toBe(true);
      const running = deferred<void>();
      const end = deferred<void>();
      const done: number[] = [];
      const stop = await jobs.work<{ n: number }>(queue, async ({ n }) => {
        running.resolve();
        await end.promise;
        done.push(n);
      });
      await running.promise;
      expect(await jobs.send(queue, { n: 4 }, { key: 'a' })).toBe(false);
      end.resolve();
      await eventually(() => expect(done.toSorted()).toEqual([1, 3]));
      await stop();
      expect(await jobs.send(queue, { n: 5 }, { key: 'a' })).toBe(true);
    });

    it('do not run before their time', async () => {
      const { jobs } = context().store;
      const queue = unique('queue');
      const done: string[] = [];
      const due = Date.now() + 1_500;
      await jobs.send(queue, { name: 'later' }, { notBefore: due });
      await jobs.send(queue, { name: 'now' });
      let at = 0;
      const stop = await jobs.work<{ name: string }>(queue, async ({ name }) => {
        done.push(name);
        at = Date.now();
      });
      await eventually(() => expect(done).toEqual(['now', 'later']));
      expect(at).toBeGreaterThanOrEqual(due);
      await stop();
    });

    it('run again after a failure, and are given up with a line in the journal', async () => {
      const { jobs, journal } = context().store;
      const queue = unique('queue');
      const runs: number[] = [];
      const stop = await jobs.work(
        queue,
        async (_data, { run }) => {
          runs.push(run);
          throw new TypeError('with a secret');
        },
        { maxRuns: 2 },
      );
      await jobs.send(queue, {}, { key: 'k' });
      await eventually(async () => {
        const entries = await journal.read({ kind: 'job_given_up' });
        expect(entries.map(({ data }) => data)).toContainEqual({ queue, runs: 2, error: 'TypeError' });
      });
      expect(runs).toEqual([1, 2]);
      expect(await jobs.send(queue, {}, { key: 'k' })).toBe(true);
      await stop();
    });

    it('that take too long are told so, and run again', async () => {
      const { jobs } = context().store;
      const queue = unique('queue');
      const reasons: unknown[] = [];
      const second = deferred<void>();
      const stop = await jobs.work(
        queue,
        async (_data, { run, signal }) => {
          if (run === 2) return second.resolve();
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          reasons.push(signal.reason);
        },
        { expireSeconds: 1 },
      );
      await jobs.send(queue, {});
      await second.promise;
      expect(reasons).toEqual([expect.objectContaining({ name: 'TimeoutError' })]);
      await stop();
    });

    it('of a queue are done as many at one time as it was told to', async () => {
      const { jobs } = context().store;
      const queue = unique('queue');
      for (let n = 0; n < 6; n++) await jobs.send(queue, {});
      let now = 0;
      let most = 0;
      let done = 0;
      const three = deferred<void>();
      const stop = await jobs.work(
        queue,
        async () => {
          most = Math.max(most, ++now);
          if (now === 3) three.resolve();
          await three.promise;
          now--;
          done++;
        },
        { concurrency: 3 },
      );
      await eventually(() => expect(done).toBe(6));
      expect(most).toBe(3);
      await stop();
    });

    it('every few moments run again and again, one at a time, whoever asks for them', async () => {
      const { jobs } = context().store;
      const name = unique('poll');
      let now = 0;
      let most = 0;
      let done = 0;
      const run = async (): Promise<void> => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 30));
        now--;
        done++;
        // A run that fails is no reason to stop.
        if (done === 2) throw new Error('once');
      };
      const stops = [await jobs.every(name, 0.05, run), await jobs.every(name, 0.05, run)];
      await eventually(() => expect(done).toBeGreaterThanOrEqual(4));
      await Promise.all(stops.map((stop) => stop()));
      expect(most).toBe(1);
      const before = done;
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(done).toBe(before);
    });

    it.each([['with space'], [''], ['x'.repeat(81)]])('refuse the queue %j', async (queue) => {
      await expect(context().store.jobs.send(queue, {})).rejects.toMatchObject({
        code: 'NYLAS_STORE_INVALID_ARGUMENT',
      });
    });
  });
};
