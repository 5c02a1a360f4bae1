import type { Finding } from './linter.ts';

/** Findings that stand, and why. */
export interface Exception {
  readonly because: string;
  readonly covers: (finding: Finding) => boolean;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    because:
      'Links between boards carry variables by name, so the data source has the same name on boards with one and with three.',
    covers: ({ rule, what }) =>
      rule === 'template-datasource-rule' && what.startsWith('prometheus_datasource'),
  },
  {
    because: 'Recorded series are of a job as a whole: they have no instance.',
    covers: ({ rule, what }) => rule === 'target-instance-rule' && /^job:/.test(what),
  },
  {
    because: 'The objective is a number for all jobs.',
    covers: ({ rule, what }) =>
      ['target-job-rule', 'target-instance-rule'].includes(rule) &&
      what.startsWith('nylas:slo_objective:ratio'),
  },
  {
    because:
      'Alerts about accounts and webhooks have no instance, and some no job: a filter would hide them.',
    covers: ({ rule, what }) =>
      ['target-job-rule', 'target-instance-rule'].includes(rule) && what.startsWith('ALERTS'),
  },
  {
    because: 'Tables sum over the time range that is looked at.',
    covers: ({ rule, what }) =>
      rule === 'target-increase-interval-rule' && what === 'an increase over $__range',
  },
  {
    because: 'The panel says "last hour".',
    covers: ({ rule, where, what }) =>
      rule === 'target-increase-interval-rule' &&
      where === 'nylas-telemetry 2 A' &&
      what === 'an increase over 1h',
  },
  {
    because: 'It counts how many processes have the series, not what they counted.',
    covers: ({ rule, where, what }) =>
      rule === 'target-counter-agg-rule' &&
      ['nylas-telemetry 1 A', 'nylas-telemetry 13 A'].includes(where) &&
      what === 'the bare counter nylas_telemetry_errors_total',
  },
];
