import {
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  METRIC_NYLAS_CLIENT_GATES_CLOSED,
  METRIC_NYLAS_CLIENT_RETRY_BUDGET,
  RATE_LIMIT_SOURCES,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, processState } from '@nylas-otel/telemetry';
import { SCOPE } from '../version.ts';
import { startCounting } from './retry-metrics.ts';

/** What the gauges ask a state. */
interface WatchedState {
  readonly budget: { readonly share: number };
  readonly gates: { closed(): Record<(typeof RATE_LIMIT_SOURCES)[number], number> };
}

const watched = processState('retry-states', () => ({
  // A state that nobody uses any more is not reported, nor kept in memory.
  states: new Set<WeakRef<WatchedState>>(),
  observed: false,
}));

/** Shows a state on the gauges of the budget and the gates for as long as it lives. */
export function watchState(state: WatchedState): void {
  startCounting();
  for (const reference of watched.states)
    if (reference.deref() === undefined) watched.states.delete(reference);
  watched.states.add(new WeakRef(state));
  if (watched.observed) return;
  watched.observed = true;
  const emitter = createEmitter(SCOPE);
  emitter.observe(METRIC_NYLAS_CLIENT_RETRY_BUDGET, (report) => {
    // One number a process: of several states the one closest to its end.
    let least = 1;
    for (const reference of watched.states) {
      const share = reference.deref()?.budget.share;
      if (share !== undefined && share < least) least = share;
    }
    report(least, {});
  });
  emitter.observe(METRIC_NYLAS_CLIENT_GATES_CLOSED, (report) => {
    const sums = { nylas: 0, provider: 0, unknown: 0 };
    for (const reference of watched.states) {
      const closed = reference.deref()?.gates.closed();
      if (closed !== undefined) for (const source of RATE_LIMIT_SOURCES) sums[source] += closed[source];
    }
    for (const source of RATE_LIMIT_SOURCES) report(sums[source], { [ATTR_NYLAS_RATE_LIMIT_SOURCE]: source });
  });
}
