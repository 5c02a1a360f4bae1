import {
  PLATFORM_IMPACTS,
  PLATFORM_STATUSES,
  type PlatformImpact,
  type PlatformStatus,
} from '@nylas-otel/semantic-conventions';

/** One component of the status page. */
export interface PlatformComponent {
  /** Its name in small letters, digits and `_`, so that it can be a metric label. */
  readonly name: string;
  readonly status: PlatformStatus;
}

/** An incident that is not over, or a maintenance under way. */
export interface PlatformIncident {
  readonly id: string;
  readonly impact: PlatformImpact;
}

/** What a status page says, checked: nothing else of it is believed. */
export interface PlatformPage {
  /** At most 50; more are put together as `other`, with the worst status among them. */
  readonly components: readonly PlatformComponent[];
  readonly incidents: readonly PlatformIncident[];
}

const MOST_COMPONENTS = 50;
const MOST_INCIDENTS = 100;
const LONGEST_NAME = 64;
const OVER: ReadonlySet<unknown> = new Set(['resolved', 'postmortem', 'completed']);

/** Reads `/api/v2/summary.json` of a Statuspage; undefined when it is none. */
export function readSummary(body: unknown): PlatformPage | undefined {
  const summary = objectOf(body);
  if (summary === undefined || !Array.isArray(summary.components)) return undefined;
  return { components: readComponents(summary.components), incidents: readIncidents(summary) };
}

function readComponents(items: readonly unknown[]): PlatformComponent[] {
  const byName = new Map<string, PlatformStatus>();
  for (const item of items) {
    const component = objectOf(item);
    // A group has no state of its own: Statuspage shows the worst of its members.
    if (component === undefined || component.group === true) continue;
    const label = componentLabel(component.name);
    if (label === undefined) continue;
    const name = byName.has(label) || byName.size < MOST_COMPONENTS ? label : 'other';
    byName.set(name, worse(byName.get(name), statusOf(component.status)));
  }
  return [...byName].map(([name, status]) => ({ name, status }));
}

function readIncidents(summary: Readonly<Record<string, unknown>>): PlatformIncident[] {
  const incidents: PlatformIncident[] = [];
  for (const [list, maintenance] of [
    [summary.incidents, false],
    [summary.scheduled_maintenances, true],
  ] as const) {
    if (!Array.isArray(list)) continue;
    for (const item of list as readonly unknown[]) {
      const incident = objectOf(item);
      if (typeof incident?.id !== 'string' || !/^[\w-]{1,64}$/.test(incident.id)) continue;
      if (OVER.has(incident.status) || (maintenance && incident.status === 'scheduled')) continue;
      incidents.push({ id: incident.id, impact: maintenance ? 'maintenance' : impactOf(incident.impact) });
      if (incidents.length === MOST_INCIDENTS) return incidents;
    }
  }
  return incidents;
}

function componentLabel(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const label = name
    .slice(0, LONGEST_NAME * 2)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, LONGEST_NAME);
  return label === '' ? undefined : label;
}

function statusOf(word: unknown): PlatformStatus {
  return PLATFORM_STATUSES.find((known) => known === word) ?? 'unknown';
}

function impactOf(word: unknown): PlatformImpact {
  return PLATFORM_IMPACTS.find((known) => known === word) ?? 'unknown';
}

const SEVERITY: readonly PlatformStatus[] = [
  'operational',
  'unknown',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
];

function worse(a: PlatformStatus | undefined, b: PlatformStatus): PlatformStatus {
  return a !== undefined && SEVERITY.indexOf(a) > SEVERITY.indexOf(b) ? a : b;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
