import {
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_WEBHOOK_BACKLOG_STATE,
  BACKLOG_STATES,
  type BacklogState,
  METRIC_NYLAS_WEBHOOK_BACKLOG,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, processState } from '@nylas-otel/telemetry';
import { SCOPE } from '../version.ts';

/** How many events wait where. */
export type BacklogCounts = { readonly [State in BacklogState]: number };

/** What tells its backlog. */
export interface BacklogSource {
  readonly application: string;
  counts(): BacklogCounts;
}

// Once a process: inboxes of one application are added up in one series.
const state = processState('webhook-backlog', () => ({ sources: new Set<BacklogSource>(), observed: false }));

/** Puts an inbox on the backlog gauge; returns what takes it off. */
export function showBacklog(source: BacklogSource): () => void {
  state.sources.add(source);
  if (!state.observed) {
    state.observed = true;
    createEmitter(SCOPE).observe(METRIC_NYLAS_WEBHOOK_BACKLOG, (report) => {
      const totals = new Map<string, Record<BacklogState, number>>();
      for (const each of state.sources) {
        const total = totals.get(each.application) ?? { queued: 0, active: 0, dead: 0 };
        const counts = each.counts();
        for (const name of BACKLOG_STATES) total[name] += counts[name];
        totals.set(each.application, total);
      }
      for (const [application, total] of totals) {
        for (const name of BACKLOG_STATES) {
          report(total[name], {
            [ATTR_NYLAS_APPLICATION]: application,
            [ATTR_NYLAS_WEBHOOK_BACKLOG_STATE]: name,
          });
        }
      }
    });
  }
  return () => state.sources.delete(source);
}
