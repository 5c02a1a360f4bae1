import type { ComponentStatus, Incident, StatusComponent } from './status-model.ts';
import type { IncidentNews, IncidentOptions, MaintenanceOptions, StatusPage } from './status-page.ts';
import { MOVED } from './status-routes.ts';

/** The status page, by script. */
export interface StatusControl {
  /** Base address of the page; the JSON is under `/api/v2/`. */
  readonly url: string;
  /** An address that only redirects to the page, as the old one of Nylas does. */
  readonly movedUrl: string;
  /** The components, in the order of the page. */
  components(): readonly StatusComponent[];
  /**
   * Sets the state of a component, by name or id.
   * @throws {SimulatorError} code `not_found` or `invalid_option`
   */
  setComponent(name: string, status: ComponentStatus): StatusComponent;
  /**
   * Opens an incident.
   * @throws {SimulatorError} code `not_found` for a component that is not there, `invalid_option` for other mistakes
   */
  openIncident(options: IncidentOptions): Incident;
  /**
   * Adds news to an incident. `resolved` makes its components operational again.
   * @throws {SimulatorError} code `not_found` or `invalid_option`
   */
  updateIncident(id: string, news: IncidentNews): Incident;
  /**
   * Announces a maintenance, which begins and ends by itself on the simulated clock.
   * @throws {SimulatorError} code `not_found` or `invalid_option`
   */
  scheduleMaintenance(options: MaintenanceOptions): Incident;
  /** Every incident, newest first. */
  incidents(): readonly Incident[];
  /** Every maintenance, newest first. */
  maintenances(): readonly Incident[];
}

/** What a test gets of the page. */
export function statusControl(page: StatusPage, origin: string): StatusControl {
  return {
    url: origin,
    movedUrl: `${origin}${MOVED}`,
    components: () => page.components(),
    setComponent: (name, status) => page.setComponent(name, status),
    openIncident: (options) => page.openIncident(options),
    updateIncident: (id, news) => page.updateIncident(id, news),
    scheduleMaintenance: (options) => page.scheduleMaintenance(options),
    incidents: () => page.incidents(),
    maintenances: () => page.maintenances(),
  };
}
