import {
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_WEBHOOK_DESTINATION,
  ATTR_NYLAS_WEBHOOK_STATUS,
  METRIC_NYLAS_WEBHOOK_DESTINATION_STATUS,
  WEBHOOK_STATUSES,
  type WebhookStatus,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, processState } from '@nylas-otel/telemetry';
import { SCOPE } from '../version.ts';

/** What the gauge shows of one watch. */
export interface DestinationSource {
  readonly application: string;
  statuses(): Iterable<{ readonly label: string; readonly status: WebhookStatus | undefined }>;
}

const sources = processState('destination-gauge', (): Set<DestinationSource> => {
  const registry = new Set<DestinationSource>();
  createEmitter(SCOPE).observe(METRIC_NYLAS_WEBHOOK_DESTINATION_STATUS, (report) => {
    for (const [key, count] of countStatuses(registry)) {
      const [application, label, status] = JSON.parse(key) as [string, string, string];
      report(count, {
        [ATTR_NYLAS_APPLICATION]: application,
        [ATTR_NYLAS_WEBHOOK_DESTINATION]: label,
        [ATTR_NYLAS_WEBHOOK_STATUS]: status,
      });
    }
  });
  return registry;
});

/** Shows a watch on the gauge; returns what takes it off. */
export function showDestinations(source: DestinationSource): () => void {
  sources.add(source);
  return () => sources.delete(source);
}

// Several destinations may share a label (`other`, an alias given twice): then it is how many are in a status.
function countStatuses(watches: Iterable<DestinationSource>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { application, statuses } of watches) {
    for (const { label, status } of statuses()) {
      for (const word of WEBHOOK_STATUSES) {
        const key = JSON.stringify([application, label, word]);
        counts.set(key, (counts.get(key) ?? 0) + (word === status ? 1 : 0));
      }
    }
  }
  return counts;
}
