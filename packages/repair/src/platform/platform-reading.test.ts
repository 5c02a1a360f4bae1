import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incidentChanges } from './incident-changes.ts';
import { readSummary } from './platform-reading.ts';

const component = (name: unknown, status: unknown, more: object = {}) => ({ id: 'c', name, status, ...more });

describe('a summary of a status page', () => {
  it('gives components with names that can be labels, and unresolved incidents', () => {
    expect(
      readSummary({
        page: { id: 'p', name: 'Nylas' },
        status: { indicator: 'minor', description: '' },
        components: [
          component('API - US (v3)', 'operational'),
          component('Webhooks & Notifications', 'partial_outage'),
          component('A group', 'operational', { group: true }),
        ],
        incidents: [
          { id: 'abc', name: 'Ben cannot send', impact: 'major', status: 'investigating' },
          { id: 'old', impact: 'minor', status: 'resolved' },
        ],
        scheduled_maintenances: [
          { id: 'm1', impact: 'maintenance', status: 'in_progress' },
          { id: 'm2', impact: 'maintenance', status: 'scheduled' },
        ],
      }),
    ).toEqual({
      components: [
        { name: 'api_us_v3', status: 'operational' },
        { name: 'webhooks_notifications', status: 'partial_outage' },
      ],
      incidents: [
        { id: 'abc', impact: 'major' },
        { id: 'm1', impact: 'maintenance' },
      ],
    });
  });

  it('says unknown for words nobody documented', () => {
    const page = readSummary({
      components: [component('API', 'on_fire')],
      incidents: [{ id: 'a', impact: 'apocalyptic', status: 'open' }],
    });
    expect(page).toEqual({
      components: [{ name: 'api', status: 'unknown' }],
      incidents: [{ id: 'a', impact: 'unknown' }],
    });
  });

  it('puts components beyond 50 together, with the worst status among them', () => {
    const components = Array.from({ length: 60 }, (_, i) =>
      component(`part ${i}`, i === 55 ? 'major_outage' : 'operational'),
    );
    const page = readSummary({ components });
    expect(page?.components).toHaveLength(51);
    expect(page?.components.at(-1)).toEqual({ name: 'other', status: 'major_outage' });
  });

  it('is none when it has another shape', () => {
    for (const body of [null, 'html', 7, [], {}, { components: 'x' }])
      expect(readSummary(body)).toBeUndefined();
  });

  it('never throws, whatever is in it, and gives bounded names', () => {
    const any = fc.anything({ maxDepth: 3 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.oneof(fc.string(), any), status: any, group: any })),
        fc.array(fc.oneof(any, fc.record({ id: fc.string(), impact: any, status: any }))),
        (components, incidents) => {
          for (const { name } of readSummary({ components, incidents })?.components ?? [])
            expect(name).toMatch(/^[a-z0-9_]{1,64}$/);
        },
      ),
    );
  });
});

describe('changes of incidents', () => {
  it('are told once: began, changed its impact, ended', () => {
    const minor = { id: 'a', impact: 'minor' } as const;
    const major = { id: 'a', impact: 'major' } as const;
    expect(incidentChanges([], [minor])).toEqual([{ change: 'began', ...minor }]);
    expect(incidentChanges([minor], [minor])).toEqual([]);
    expect(incidentChanges([minor], [major])).toEqual([{ change: 'changed', ...major }]);
    expect(incidentChanges([major], [])).toEqual([{ change: 'ended', ...major }]);
  });
});
