import type { PlatformImpact } from '@nylas-otel/semantic-conventions';
import type { PlatformIncident } from './platform-reading.ts';

/** What became of an incident between two readings. */
export interface IncidentChange {
  readonly change: 'began' | 'changed' | 'ended';
  readonly id: string;
  /** The impact now; of one that ended, the one it had. */
  readonly impact: PlatformImpact;
}

/** What changed from one reading to the next. */
export function incidentChanges(
  before: readonly PlatformIncident[],
  now: readonly PlatformIncident[],
): IncidentChange[] {
  const known = new Map(before.map((incident) => [incident.id, incident]));
  const changes: IncidentChange[] = [];
  for (const { id, impact } of now) {
    const former = known.get(id);
    known.delete(id);
    if (former === undefined) changes.push({ change: 'began', id, impact });
    else if (former.impact !== impact) changes.push({ change: 'changed', id, impact });
  }
  for (const { id, impact } of known.values()) changes.push({ change: 'ended', id, impact });
  return changes;
}
