import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/index.ts';

const HOUR = 3_600_000;
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ clock: { scale: 0 } });
});
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());

// biome-ignore lint/suspicious/noExplicitAny: any document of the page
async function get(path: string): Promise<any> {
  const response = await fetch(`${simulator.status.url}/api/v2/${path}`);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  return response.json();
}

describe('the status page', () => {
  it('says that all is well', async () => {
    expect(await get('summary.json')).toMatchObject({
      page: { id: 'nylassimv3pg', url: simulator.url, updated_at: expect.stringMatching(/^\d{4}-.*Z$/) },
      status: { indicator: 'none', description: 'All Systems Operational' },
      components: expect.arrayContaining([
        expect.objectContaining({ name: 'API US', status: 'operational' }),
      ]),
      incidents: [],
      scheduled_maintenances: [],
    });
  });

  it('follows an incident from its first note to its end', async () => {
    const { id } = simulator.status.openIncident({
      name: 'Elevated 520s',
      impact: 'major',
      components: { 'API US': 'partial_outage' },
    });
    expect(id).toMatch(/^[a-z0-9]{12}$/);
    expect(await get('status.json')).toMatchObject({
      status: { indicator: 'major', description: 'Partial System Outage' },
    });
    await simulator.clock.advance(HOUR);
    simulator.status.updateIncident(id, {
      status: 'monitoring',
      components: { 'API US': 'degraded_performance' },
    });
    const { incidents } = await get('incidents/unresolved.json');
    expect(incidents).toMatchObject([
      {
        id,
        status: 'monitoring',
        resolved_at: null,
        components: [{ name: 'API US', status: 'degraded_performance' }],
        incident_updates: [
          {
            status: 'monitoring',
            incident_id: id,
            affected_components: [
              { name: 'API US', old_status: 'partial_outage', new_status: 'degraded_performance' },
            ],
          },
          { status: 'investigating', body: 'We are investigating this issue.' },
        ],
      },
    ]);
    expect(Date.parse(incidents[0].monitoring_at) - Date.parse(incidents[0].created_at)).toBe(HOUR);
    simulator.status.updateIncident(id, { status: 'resolved' });
    expect((await get('incidents/unresolved.json')).incidents).toEqual([]);
    expect((await get('summary.json')).status.indicator).toBe('none');
    expect((await get('components.json')).components[0]).toMatchObject({
      name: 'API US',
      status: 'operational',
    });
    expect((await get('incidents.json')).incidents).toMatchObject([{ id, status: 'resolved' }]);
  });

  // biome-ignore format: a table
  it.each([
    ['degraded_performance', 'minor'], ['partial_outage', 'major'], ['major_outage', 'critical'],
    ['under_maintenance', 'maintenance'],
  ] as const)('calls a component with %s %s', async (status, indicator) => {
    simulator.status.setComponent('Webhooks EU', status);
    expect((await get('status.json')).status.indicator).toBe(indicator);
  });

  it('announces, begins and ends a maintenance by itself', async () => {
    simulator.status.scheduleMaintenance({
      name: 'Database',
      inMs: HOUR,
      forMs: HOUR,
      components: ['Dashboard'],
    });
    const names = async (path: string): Promise<string[]> =>
      (await get(path)).scheduled_maintenances.map((one: { name: string; status: string }) => one.status);
    expect(await names('scheduled-maintenances/upcoming.json')).toEqual(['scheduled']);
    await simulator.clock.advance(HOUR);
    expect(await names('scheduled-maintenances/active.json')).toEqual(['in_progress']);
    expect((await get('summary.json')).status.indicator).toBe('maintenance');
    await simulator.clock.advance(HOUR);
    expect(await names('scheduled-maintenances.json')).toEqual(['completed']);
    expect((await get('summary.json')).status.indicator).toBe('none');
  });

  it('has an ETag, and answers 304 as long as nothing changed', async () => {
    const ask = (etag: string): Promise<Response> =>
      fetch(`${simulator.status.url}/api/v2/summary.json`, { headers: { 'if-none-match': etag } });
    const etag = (await ask('"other"')).headers.get('etag') as string;
    await simulator.clock.advance(HOUR);
    const same = await ask(`"x", ${etag}`);
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag]);
    simulator.status.setComponent('API EU', 'major_outage');
    expect((await ask(etag)).status).toBe(200);
  });

  it('has an old address that redirects', async () => {
    const old = `${simulator.status.movedUrl}/api/v2/summary.json`;
    const moved = await fetch(old, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([301, '/api/v2/summary.json']);
    expect(await (await fetch(old)).json()).toMatchObject({ page: { id: 'nylassimv3pg' } });
  });

  it('is met by faults', async () => {
    simulator.faults.add({ fault: 'unavailable', route: '/api/v2/**', times: 1 });
    expect((await fetch(`${simulator.status.url}/api/v2/status.json`)).status).toBe(503);
    expect((await fetch(`${simulator.status.url}/api/v2/nothing.json`)).status).toBe(404);
  });

  it.each([
    [
      () => simulator.status.setComponent('Fax', 'operational'),
      'there is no component Fax; there are API US',
    ],
    [() => simulator.status.setComponent('API US', 'broken' as never), 'option status is of type string'],
    [() => simulator.status.openIncident({} as never), 'option name is of type undefined'],
    [
      () => simulator.status.openIncident({ name: 'x', components: { Fax: 'major_outage' } }),
      'no component Fax',
    ],
    [() => simulator.status.updateIncident('x', {}), 'there is no incident x'],
    [() => simulator.status.scheduleMaintenance({ name: 'x', forMs: 0 }), 'option forMs is the number 0'],
  ])('refuses what makes no sense: %s', (act, message) => {
    expect(act).toThrow(message);
    expect(simulator.status.incidents()).toEqual([]);
  });

  it('is written over HTTP too', async () => {
    const post = async (path: string, body: object): Promise<[number, Record<string, unknown>]> => {
      const response = await fetch(`${simulator.url}/__sim/status/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      return [response.status, (await response.json()) as Record<string, unknown>];
    };
    expect((await post('components', { name: 'API EU', status: 'major_outage' }))[0]).toBe(200);
    const [made, { incident }] = await post('incidents', { name: 'Down', impact: 'critical' });
    expect(made).toBe(201);
    const { id } = incident as { id: string };
    expect((await post(`incidents/${id}`, { status: 'resolved' }))[1]).toMatchObject({ incident: { id } });
    expect((await post('maintenances', { name: 'Soon', inMs: 1000 }))[0]).toBe(201);
    expect((await post('fax', {}))[1]).toEqual({
      error: expect.stringContaining('there is no fax; give components'),
    });
    expect((await post('components', {}))[1]).toEqual({ error: 'give name and status' });
    const shown = await (await fetch(`${simulator.url}/__sim/status`)).json();
    expect(shown).toMatchObject({
      indicator: 'critical',
      incidents: [{ id }],
      maintenances: [{ name: 'Soon' }],
    });
  });
});
