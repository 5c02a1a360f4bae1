/** State of a component of the status page. */
export type ComponentStatus =
  | 'operational'
  | 'degraded_performance'
  | 'partial_outage'
  | 'major_outage'
  | 'under_maintenance';
/** State of an incident. */
export type IncidentStatus = 'investigating' | 'identified' | 'monitoring' | 'resolved' | 'postmortem';
/** State of a maintenance. */
export type MaintenanceStatus = 'scheduled' | 'in_progress' | 'verifying' | 'completed';
/** How bad it is. */
export type Impact = 'none' | 'minor' | 'major' | 'critical' | 'maintenance';

/** A component as the page prints it. */
export interface StatusComponent {
  readonly id: string;
  readonly name: string;
  readonly status: ComponentStatus;
  readonly created_at: string;
  readonly updated_at: string;
  readonly position: number;
  readonly description: string | null;
  readonly showcase: boolean;
  readonly start_date: string | null;
  readonly group_id: string | null;
  readonly page_id: string;
  readonly group: boolean;
  readonly only_show_if_degraded: boolean;
}

/** One note on an incident, newest first on the page. */
export interface IncidentUpdate {
  readonly id: string;
  readonly status: IncidentStatus | MaintenanceStatus;
  readonly body: string;
  readonly incident_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly display_at: string;
  readonly affected_components: readonly {
    readonly code: string;
    readonly name: string;
    readonly old_status: ComponentStatus;
    readonly new_status: ComponentStatus;
  }[];
}

/** An incident, or a maintenance, as the page prints it. */
export interface Incident {
  readonly id: string;
  readonly name: string;
  readonly status: IncidentStatus | MaintenanceStatus;
  readonly impact: Impact;
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at: string;
  readonly monitoring_at: string | null;
  readonly resolved_at: string | null;
  readonly shortlink: string;
  readonly page_id: string;
  readonly incident_updates: readonly IncidentUpdate[];
  readonly components: readonly StatusComponent[];
  /** Maintenances only. */
  readonly scheduled_for?: string;
  /** Maintenances only. */
  readonly scheduled_until?: string;
}

/** Every component state, from good to bad. */
export const COMPONENT_STATUSES: readonly ComponentStatus[] = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
];
/** Every incident state, in order. */
export const INCIDENT_STATUSES: readonly IncidentStatus[] = [
  'investigating',
  'identified',
  'monitoring',
  'resolved',
  'postmortem',
];
/** Every impact of an incident, from none to worst. */
export const IMPACTS: readonly Impact[] = ['none', 'maintenance', 'minor', 'major', 'critical'];

const IMPACT_OF: Readonly<Record<ComponentStatus, Impact>> = {
  operational: 'none',
  under_maintenance: 'maintenance',
  degraded_performance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
};
const DESCRIPTIONS: Readonly<Record<Impact, string>> = {
  none: 'All Systems Operational',
  maintenance: 'Service Under Maintenance',
  minor: 'Partially Degraded Service',
  major: 'Partial System Outage',
  critical: 'Major Service Outage',
};

/** The line over the whole page: the worst of its components and of its open incidents. */
export function overall(
  components: readonly StatusComponent[],
  open: readonly Incident[],
): { readonly indicator: Impact; readonly description: string } {
  const impacts = [...components.map((one) => IMPACT_OF[one.status]), ...open.map((one) => one.impact)];
  const indicator = IMPACTS[Math.max(0, ...impacts.map((one) => IMPACTS.indexOf(one)))] as Impact;
  return { indicator, description: DESCRIPTIONS[indicator] };
}
