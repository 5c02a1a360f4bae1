import { lastToldStates, objectTraces, type ReceivedEvent, toldStates } from '@nylas-otel/webhooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Suite } from './harness.ts';
import { CALL } from './harness-events.ts';
import { UNNAMED } from './harness-recovery.ts';

const RUNS = Number(process.env.NYLAS_OTEL_TOLD_RUNS ?? 40);

/** What the handlers were told: a state, as of a second, by recovery or by a notification. */
interface Word {
  readonly state: string;
  readonly second: number;
  readonly by: 'recovery' | 'notification';
}

const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('change' as const), to: fc.constantFrom('a', 'b', 'c') }),
  },
  // Any of the first that are on their way.
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deliver' as const), which: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('compare' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hand over' as const) }) },
);

export const toldModelSuite: Suite = (context) => {
  describe('changes, notifications that come when they like, and reads of recovery', () => {
    it('leave the handlers with the word they would have had, and tell nothing again that was told', async () => {
      const { inbox } = context().store;
      const accepts = async (event: ReceivedEvent): Promise<boolean> =>
        (await inbox.accept([event], CALL))[0] === 'accepted';
      const outcomes = { swallowed: 0, accepted: 0, handed: 0 };
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }), async (steps) => {
          const subject = UNNAMED.contact();
          const marks = new Map<string, string>();
          for (const state of ['a', 'b', 'c', '']) marks.set(markOf(subject.tell(state, 1)), state);
          const prefix = toldStates('v3', subject.tell('a', 1).accountId ?? '', 'contact');
          const underWay: { state: string; second: number; event: ReceivedEvent }[] = [];
          const words: Word[] = [];
          let now = 1_000;
          let state = '';
          let inventory = { state, takenAt: now };
          let found: { state: string; at: number; since: number } | undefined;
          for (const one of steps) {
            now += 3;
            if (one.do === 'change') {
              state = one.to;
              underWay.push({ state, second: now, event: subject.tell(state, now) });
            } else if (one.do === 'compare') {
              const since = inventory.takenAt - 5;
              const [told] = lastToldStates(prefix, await inbox.statesFrom(prefix)).values();
              const known =
                told === undefined || told.second < since ? inventory.state : marks.get(told.mark);
              found = known === state ? undefined : { state, at: now, since };
              inventory = { state, takenAt: now };
            } else if (one.do === 'hand over' && found !== undefined) {
              const { state: read, at, since } = found;
              found = undefined;
              if (await accepts(subject.read(read, { at, since }))) {
                words.push({ state: read, second: at, by: 'recovery' });
                outcomes.handed++;
              } else {
                // A notification told it since.
                const last = latest(words.filter(({ by }) => by === 'notification'));
                expect(last?.state).toBe(read);
              }
            } else if (one.do === 'deliver') {
              const [next] = underWay.splice(one.which % Math.max(1, underWay.length), 1);
              if (next === undefined) continue;
              if (await accepts(next.event)) {
                outcomes.accepted++;
                expect(isTold(words, next)).toBe(false);
                words.push({ state: next.state, second: next.second, by: 'notification' });
              } else {
                outcomes.swallowed++;
                // It would have changed nothing: the last word is the same, or newer.
                const last = words.at(-1) as Word;
                expect(last.state === next.state || last.second > next.second).toBe(true);
                // And recovery has told it.
                expect(words).toContainEqual(expect.objectContaining({ state: next.state, by: 'recovery' }));
              }
            }
          }
        }),
        { numRuns: RUNS },
      );
      expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(RUNS / 8);
    }, 600_000);
  });
};

/** The simple model: recovery's first read after it told it, and nothing else that is older than the last read since. */
function isTold(words: readonly Word[], { state, second }: { state: string; second: number }): boolean {
  const index = words.findIndex((word) => word.by === 'recovery' && word.second >= second);
  if (index < 0 || words[index]?.state !== state) return false;
  let read = words[index] as Word;
  for (const word of words.slice(index + 1)) {
    if (word.by === 'recovery') read = word;
    else if (word.second <= read.second && word.state !== read.state) return false;
  }
  return true;
}

function latest(words: readonly Word[]): Word | undefined {
  return [...words].sort((a, b) => a.second - b.second).at(-1);
}

function markOf(event: ReceivedEvent): string {
  return objectTraces(event).telling?.mark ?? '';
}
