import type { Operation } from '../control/operation.ts';

/** A dead letter as commands show it: never with the payload. */
export interface DeadLetterRow {
  readonly key: string;
  readonly trigger: string;
  readonly account: string | undefined;
  readonly error: string;
  readonly runs: number;
  /** Unix milliseconds. */
  readonly diedAt: number;
}

/** Which dead letters. */
export interface DeadLetterInput {
  readonly trigger?: string;
  readonly account?: string;
  readonly limit?: number;
}

export const listDead: Operation<
  DeadLetterInput,
  { readonly dead: readonly DeadLetterRow[]; readonly total: number }
> = {
  name: 'webhooks.dead',
  changes: false,
  async run(input, { store }) {
    const letters = await store.inbox.deadLetters({ ...filterOf(input), limit: input.limit ?? 100 });
    const { dead } = await store.inbox.counts();
    return {
      total: dead,
      dead: letters.map(({ key, event, error, runs, diedAt }) => ({
        key,
        trigger: event.trigger,
        account: event.accountId,
        error,
        runs,
        diedAt,
      })),
    };
  },
};

/** Which dead letters go back to work: by key, or all that fit. */
export interface RedriveInput extends Omit<DeadLetterInput, 'limit'> {
  readonly keys?: readonly string[];
}

export const redrive: Operation<RedriveInput, { readonly redriven: number }> = {
  name: 'webhooks.redrive',
  changes: true,
  async run(input, { store, signal, progress }) {
    const { keys } = input;
    if (keys !== undefined) return { redriven: await store.inbox.redrive({ keys }) };
    const filter = filterOf(input);
    const { dead } = await store.inbox.counts();
    const total = Object.keys(filter).length === 0 ? dead : undefined;
    let redriven = 0;
    // What dies again meanwhile waits for the next time.
    while (redriven < dead && !signal.aborted) {
      progress({ title: 'dead letters', done: redriven, words: 'are back at work', ...(total && { total }) });
      const some = Math.min(REDRIVEN_AT_ONCE, dead - redriven);
      const taken = await store.inbox.redrive({ ...filter, limit: some });
      redriven += taken;
      if (taken < some) break;
    }
    return { redriven };
  },
};

const REDRIVEN_AT_ONCE = 1_000;

function filterOf({ trigger, account }: DeadLetterInput): { trigger?: string; accountId?: string } {
  return {
    ...(trigger === undefined ? {} : { trigger }),
    ...(account === undefined ? {} : { accountId: account }),
  };
}
