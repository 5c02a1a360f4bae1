import { VirtualTime } from '../bench/world/virtual-time.ts';
import { NylasRetryState, type RetryOptions, type RetryStateOptions, retryingFetch } from '../src/index.ts';
import { type Answer, type Arrived, ScriptedNylas } from './scripted-nylas.ts';

/** A retrying fetch, what it talks to, and the time both live in. */
export interface World {
  readonly time: VirtualTime;
  readonly nylas: ScriptedNylas;
  readonly fetch: typeof fetch;
  readonly state: NylasRetryState;
  /** Seconds from the start at which requests arrived. */
  arrivals(): number[];
}

/** A retrying fetch over a script: an answer for each request, the last one for all that follow. */
export function world(
  script: readonly Answer[] | ((request: Arrived) => Answer),
  options: RetryOptions = {},
  stateOptions: RetryStateOptions = {},
): World {
  const time = new VirtualTime();
  const start = time.now();
  const answer =
    typeof script === 'function'
      ? script
      : ({ number }: Arrived) => script[Math.min(number, script.length) - 1] as Answer;
  const nylas = new ScriptedNylas(time, answer);
  const state = new NylasRetryState({ clock: time, random: () => 0.5, ...stateOptions });
  return {
    time,
    nylas,
    state,
    fetch: retryingFetch(nylas.fetch, { state, ...options }) as typeof fetch,
    arrivals: () => nylas.arrived.map(({ at }) => (at - start) / 1_000),
  };
}

/** An answer that is well. */
export const OK: Answer = { status: 200, body: { data: [] } };
/** An edge that is not. */
export const BAD_GATEWAY: Answer = { status: 502, body: '<html>502</html>' };
