import { jsonReply } from '../http/reply.ts';
import { oneOf, record, text } from '../option-checks.ts';
import { SimulatorError } from '../simulator-error.ts';
import { COMPONENT_STATUSES, type ComponentStatus } from '../status-page/status-model.ts';
import type { IncidentOptions, MaintenanceOptions } from '../status-page/status-page.ts';
import { bodyOf, type ControlRoutes, shorten } from './control-request.ts';

const checkComponent = record({ name: text, status: oneOf(...COMPONENT_STATUSES) });

/** The status page over HTTP. */
export const statusControl: ControlRoutes = {
  'GET status': ({ world: { status } }) =>
    jsonReply(200, {
      ...status.overall(),
      components: status.components(),
      incidents: status.incidents(),
      maintenances: status.maintenances(),
    }),
  'POST status': (x, rest) => {
    const { status } = x.world;
    const body = bodyOf(x);
    const [what, id, ...more] = rest.split('/');
    if (more.length === 0 && what === 'incidents') {
      const options = body as unknown as IncidentOptions;
      return id === undefined
        ? jsonReply(201, { incident: status.openIncident(options) })
        : jsonReply(200, { incident: status.updateIncident(id, options) });
    }
    if (id === undefined && what === 'components') {
      checkComponent('', body);
      const { name, status: state } = body;
      if (name === undefined || state === undefined)
        throw new SimulatorError('invalid_request', 'give name and status');
      return jsonReply(200, { component: status.setComponent(name as string, state as ComponentStatus) });
    }
    if (id === undefined && what === 'maintenances') {
      const options = body as unknown as MaintenanceOptions;
      return jsonReply(201, { maintenance: status.scheduleMaintenance(options) });
    }
    throw new SimulatorError(
      'not_found',
      `there is no ${shorten(rest)}; give components, incidents, incidents/{id} or maintenances`,
    );
  },
};
