import type { Clock } from '../clock/clock.ts';
import { hashOf } from '../data/random.ts';
import { type Check, integer, oneOf, record, text } from '../option-checks.ts';
import { SimulatorError } from '../simulator-error.ts';
import {
  COMPONENT_STATUSES,
  type ComponentStatus,
  IMPACTS,
  type Impact,
  INCIDENT_STATUSES,
  type Incident,
  type IncidentStatus,
  type IncidentUpdate,
  type MaintenanceStatus,
  overall,
  type StatusComponent,
} from './status-model.ts';

/** States of components by name. */
export type ComponentStates = Readonly<Record<string, ComponentStatus>>;

/** A new incident. */
export interface IncidentOptions {
  readonly name: string;
  /** Default `minor`. */
  readonly impact?: Impact;
  /** Default `investigating`. */
  readonly status?: IncidentStatus;
  /** The first note. Default: something plain. */
  readonly body?: string;
  /** What it does to components. */
  readonly components?: ComponentStates;
}

/** News of an incident. */
export interface IncidentNews {
  readonly status?: IncidentStatus;
  readonly impact?: Impact;
  readonly body?: string;
  readonly components?: ComponentStates;
}

/** A new maintenance; it begins and ends by itself on the simulated clock. */
export interface MaintenanceOptions {
  readonly name: string;
  /** Simulated milliseconds until it begins. Default 0. */
  readonly inMs?: number;
  /** Simulated milliseconds that it takes. Default one hour. */
  readonly forMs?: number;
  /** Names of the components that are under maintenance meanwhile. */
  readonly components?: readonly string[];
}

const PAGE = { id: 'nylassimv3pg', name: 'Nylas (simulated)', time_zone: 'Etc/UTC' } as const;
/** Names are made up: those of the real page are not known. */
const COMPONENTS = ['API US', 'API EU', 'Webhooks US', 'Webhooks EU', 'Authentication', 'Dashboard'];
const HOUR = 3_600_000;
const DEFAULT_BODY: Readonly<Record<IncidentStatus, string>> = {
  investigating: 'We are investigating this issue.',
  identified: 'The issue has been identified and a fix is being implemented.',
  monitoring: 'A fix has been implemented and we are monitoring the results.',
  resolved: 'This incident has been resolved.',
  postmortem: 'A postmortem has been published.',
};
const CLOSED: ReadonlySet<string> = new Set(['resolved', 'postmortem', 'completed']);

const states: Check = (name, value) => {
  const known = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  record(Object.fromEntries(known.map((one) => [one, oneOf(...COMPONENT_STATUSES)])))(name, value);
};
const names: Check = (name, value) => {
  if (!Array.isArray(value))
    throw new SimulatorError('invalid_option', `option ${name} must be a list of names`);
};
const checkIncident = record({
  name: text,
  impact: oneOf(...IMPACTS),
  status: oneOf(...INCIDENT_STATUSES),
  body: text,
  components: states,
});
const checkMaintenance = record({
  name: text,
  inMs: integer(0, 1000 * HOUR),
  forMs: integer(1, 1000 * HOUR),
  components: names,
});

type Stored<T> = { -readonly [K in keyof T]: T[K] };

/** A page as Statuspage hosts it, with components and incidents. */
export class StatusPage {
  readonly #clock: Clock;
  readonly #seed: number;
  #components: Stored<StatusComponent>[] = [];
  #incidents: Stored<Incident>[] = [];
  #maintenances: Stored<Incident>[] = [];
  #serial = 0;
  #updatedAt = '';

  constructor(seed: number, clock: Clock) {
    this.#seed = seed;
    this.#clock = clock;
    this.clear();
  }

  /** The components, in the order of the page. */
  components(): readonly StatusComponent[] {
    return this.#components.map((one) => ({ ...one }));
  }

  /** Every incident, newest first. */
  incidents(): readonly Incident[] {
    return this.#incidents.map((one) => ({ ...one }));
  }

  /** Every maintenance, newest first. */
  maintenances(): readonly Incident[] {
    return this.#maintenances.map((one) => ({ ...one }));
  }

  /** Open incidents, newest first. */
  unresolved(): readonly Incident[] {
    return this.#incidents.filter((one) => !CLOSED.has(one.status));
  }

  /** The line over everything. */
  overall(): ReturnType<typeof overall> {
    return overall(this.#components, this.unresolved());
  }

  /** What every answer begins with. `url` is the page's own address. */
  page(url: string): Record<string, string> {
    return { ...PAGE, url, updated_at: this.#updatedAt };
  }

  /** Sets the state of a component, by name or id. */
  setComponent(name: string, status: ComponentStatus): StatusComponent {
    oneOf(...COMPONENT_STATUSES)('status', status);
    const component = this.#component(name);
    this.#set(component, status);
    return { ...component };
  }

  /** Opens an incident. */
  openIncident(options: IncidentOptions): Incident {
    checkIncident('', options);
    text('name', options.name);
    const { name, impact = 'minor', status = 'investigating', components = {} } = options;
    const incident = this.#create(name, status, impact);
    this.#tell(incident, status, options.body ?? DEFAULT_BODY[status], components);
    this.#incidents.unshift(incident);
    return { ...incident };
  }

  /** Adds news to an incident. */
  updateIncident(id: string, news: IncidentNews): Incident {
    checkIncident('', news);
    const incident = this.#incidents.find((one) => one.id === id);
    if (incident === undefined)
      throw new SimulatorError('not_found', `there is no incident ${id}; see status.incidents()`);
    const status = news.status ?? (incident.status as IncidentStatus);
    const healed = status === 'resolved' ? operational(incident) : {};
    this.#tell(incident, status, news.body ?? DEFAULT_BODY[status], { ...healed, ...news.components });
    if (news.impact !== undefined) incident.impact = news.impact;
    if (status === 'monitoring') incident.monitoring_at ??= incident.updated_at;
    if (status === 'resolved') incident.resolved_at ??= incident.updated_at;
    return { ...incident };
  }

  /** Announces a maintenance, which begins and ends by itself. */
  scheduleMaintenance(options: MaintenanceOptions): Incident {
    checkMaintenance('', options);
    text('name', options.name);
    const { inMs = 0, forMs = HOUR, components = [] } = options;
    const affected = components.map((name) => this.#component(name));
    const begins = this.#clock.now() + inMs;
    const maintenance: Stored<Incident> = {
      ...this.#create(options.name, 'scheduled', 'maintenance'),
      scheduled_for: new Date(begins).toISOString(),
      scheduled_until: new Date(begins + forMs).toISOString(),
      components: affected.map((one) => ({ ...one })),
    };
    this.#tell(maintenance, 'scheduled', 'Maintenance is planned.', {});
    this.#maintenances.unshift(maintenance);
    const all = (status: ComponentStatus): ComponentStates =>
      Object.fromEntries(affected.map(({ id }) => [id, status]));
    this.#clock.schedule(begins, () =>
      this.#tell(maintenance, 'in_progress', 'Maintenance is in progress.', all('under_maintenance')),
    );
    this.#clock.schedule(begins + forMs, () =>
      this.#tell(maintenance, 'completed', 'Maintenance is completed.', all('operational')),
    );
    return { ...maintenance };
  }

  /** Everything operational, nothing ever happened. */
  clear(): void {
    this.#serial = 0;
    this.#incidents = [];
    this.#maintenances = [];
    const now = this.#now();
    this.#components = COMPONENTS.map((name, index) => ({
      id: this.#id(),
      name,
      status: 'operational',
      created_at: now,
      updated_at: now,
      position: index + 1,
      description: null,
      showcase: true,
      start_date: null,
      group_id: null,
      page_id: PAGE.id,
      group: false,
      only_show_if_degraded: false,
    }));
    this.#updatedAt = now;
  }

  #create(name: string, status: IncidentStatus | MaintenanceStatus, impact: Impact): Stored<Incident> {
    const now = this.#now();
    const id = this.#id();
    return {
      id,
      name,
      status,
      impact,
      created_at: now,
      updated_at: now,
      started_at: now,
      monitoring_at: status === 'monitoring' ? now : null,
      resolved_at: status === 'resolved' ? now : null,
      shortlink: `https://stspg.io/${id}`,
      page_id: PAGE.id,
      incident_updates: [],
      components: [],
    };
  }

  /** Puts a note on an incident, with what it does to components. */
  #tell(
    incident: Stored<Incident>,
    status: IncidentStatus | MaintenanceStatus,
    body: string,
    changes: ComponentStates,
  ): void {
    const now = this.#now();
    // All names first: one that is not there leaves everything as it was.
    const affected = Object.entries(changes).map(([name, state]) => {
      const component = this.#component(name);
      return { component, state, before: component.status };
    });
    for (const { component, state } of affected) this.#set(component, state);
    const update: IncidentUpdate = {
      id: this.#id(),
      status,
      body,
      incident_id: incident.id,
      created_at: now,
      updated_at: now,
      display_at: now,
      affected_components: affected.map(({ component, state, before }) => ({
        code: component.id,
        name: component.name,
        old_status: before,
        new_status: state,
      })),
    };
    incident.status = status;
    incident.updated_at = now;
    incident.incident_updates = [update, ...incident.incident_updates];
    const known = new Set(
      [...incident.components, ...affected.map((one) => one.component)].map((one) => one.id),
    );
    incident.components = this.#components.filter((one) => known.has(one.id)).map((one) => ({ ...one }));
    this.#updatedAt = now;
  }

  #component(name: string): Stored<StatusComponent> {
    const found = this.#components.find((one) => one.name === name || one.id === name);
    if (found !== undefined) return found;
    const known = this.#components.map((one) => one.name).join(', ');
    throw new SimulatorError('not_found', `there is no component ${name}; there are ${known}`);
  }

  #set(component: Stored<StatusComponent>, status: ComponentStatus): void {
    component.status = status;
    component.updated_at = this.#now();
    this.#updatedAt = component.updated_at;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  /** Twelve lower-case characters, as the page has them. */
  #id(): string {
    const serial = this.#serial++;
    const part = (salt: number): string =>
      hashOf(this.#seed, salt, serial).toString(36).padStart(7, 'x').slice(-6);
    return part(830) + part(831);
  }
}

const operational = (incident: Incident): ComponentStates =>
  Object.fromEntries(incident.components.map((one) => [one.id, 'operational']));
