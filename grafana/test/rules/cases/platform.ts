import { type AlertCases, alive, bornAt, counter, gauge, type Input, of } from '../alert-case.ts';

const APPLICATION = { 'nylas.application': 'default' };
const LABEL = { nylas_application: 'default' };

const incidents = (impact: string, values: string): Input =>
  of('nylas.platform.incidents', { ...APPLICATION, 'nylas.platform.impact': impact }, values);
const component = (status: string, values: string): Input =>
  of(
    'nylas.platform.component.status',
    { ...APPLICATION, 'nylas.platform.component': 'API', 'nylas.platform.status': status },
    values,
  );

export const PLATFORM_CASES: Readonly<Record<string, AlertCases>> = {
  NylasPlatformIncident: {
    fires: [
      {
        what: 'a major incident',
        input: [incidents('major', gauge([1, 10])), incidents('minor', gauge([0, 10]))],
        at: 5,
        labels: [LABEL],
      },
      {
        what: 'a component is degraded, without an incident',
        input: [incidents('major', gauge([0, 10])), component('degraded_performance', gauge([1, 10]))],
        at: 5,
        labels: [LABEL],
      },
    ],
    quiet: [
      {
        what: 'maintenance that was announced',
        input: [
          incidents('maintenance', gauge([1, 10])),
          incidents('major', gauge([0, 10])),
          component('under_maintenance', gauge([1, 10])),
        ],
        at: 5,
      },
      {
        what: 'the status page cannot be read',
        input: [component('unknown', gauge([1, 10])), component('operational', gauge([0, 10]))],
        at: 5,
      },
    ],
    resolves: [
      {
        what: 'it is resolved',
        input: [incidents('critical', gauge([1, 10], [0, 10]))],
        firing: 5,
        resolved: 12,
        labels: [LABEL],
      },
    ],
  },
};

const errors = (values: string): Input =>
  of('nylas.telemetry.errors', { 'nylas.telemetry.component': 'hook' }, values);
const overflow = (values: string): Input =>
  of('nylas.client.requests', { otel_metric_overflow: 'true' }, values);

export const TELEMETRY_CASES: Readonly<Record<string, AlertCases>> = {
  NylasTelemetryAbsent: {
    fires: [
      { what: 'there is nothing at all', input: [], at: 10, labels: [{}] },
      {
        what: 'one of two services went silent',
        input: [
          alive(120),
          of(
            'nylas.telemetry.errors',
            { job: 'calendar', 'nylas.telemetry.component': 'hook' },
            gauge([0, 60], [undefined, 60]),
          ),
        ],
        at: 80,
        labels: [{ job: 'calendar' }],
      },
    ],
    quiet: [{ what: 'both report', input: [alive(120), alive(120, { job: 'calendar' })], at: 100 }],
    resolves: [
      {
        what: 'it reports again',
        input: [
          alive(120),
          of(
            'nylas.telemetry.errors',
            { job: 'calendar', 'nylas.telemetry.component': 'hook' },
            gauge([0, 60], [undefined, 20], [0, 40]),
          ),
        ],
        firing: 78,
        resolved: 85,
        labels: [{ job: 'calendar' }],
      },
    ],
  },
  NylasTelemetryErrors: {
    fires: [
      {
        what: 'one hook threw',
        input: [errors(counter([0, 20], [1, 1], [0, 20]))],
        at: 25,
        labels: [{ job: 'mail', nylas_telemetry_component: 'hook' }],
      },
    ],
    quiet: [{ what: 'none did', input: [errors(gauge([0, 40]))], at: 30 }],
    resolves: [
      {
        what: 'no other for a quarter of an hour',
        input: [errors(counter([0, 20], [1, 1], [0, 40]))],
        firing: 25,
        resolved: 45,
        labels: [{ job: 'mail', nylas_telemetry_component: 'hook' }],
      },
    ],
  },
  NylasTelemetryOverflow: {
    fires: [
      {
        what: 'a metric has an overflow series',
        input: [overflow(counter([1, 20]))],
        at: 10,
        labels: [{ job: 'mail' }],
      },
    ],
    quiet: [
      {
        what: 'none has',
        input: [alive(20), of('nylas.client.requests', { 'url.template': 'other' }, bornAt(5, 1, 19))],
        at: 10,
      },
    ],
    resolves: [
      {
        what: 'the process was started anew',
        input: [overflow('0+1x19 stale')],
        firing: 15,
        resolved: 25,
        labels: [{ job: 'mail' }],
      },
    ],
  },
};
