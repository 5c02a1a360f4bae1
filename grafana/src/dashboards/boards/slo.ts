import {
  ATTR_NYLAS_OUTCOME as OUTCOME,
  ATTR_URL_TEMPLATE as TEMPLATE,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../../config.ts';
import { duration } from '../../promql/duration.ts';
import { among } from '../../promql/series.ts';
import { SLO_SERIES } from '../../rules/slo.ts';
import { countRateBy, sumBy } from '../board-queries.ts';
import type { BoardSeries, BoardSpec } from '../board-spec.ts';
import { downTo, OUTCOME_COLORS, PLAIN, upTo } from '../colors.ts';

const DURATION = 'nylas.client.request.duration';

export function sloBoard(config: RulesConfig, { process }: BoardSeries): BoardSpec {
  const { slo } = config;
  const bad = among(OUTCOME, slo.badOutcomes);
  const recorded = (name: string): string => `${name}{job=~"$job"}`;
  const windows = [...slo.fast, ...slo.slow].map(({ long }) => long);
  const spent = sumBy([TEMPLATE], `increase(${process.part(DURATION, 'count', bad)}[$__range])`);
  return {
    uid: 'nylas-slo',
    title: 'Nylas / SLO',
    description: `${slo.objective * 100} % of the requests to Nylas end well over 30 days: how much of the rest is left, and what spends it.`,
    variables: [],
    from: 'now-30d',
    rows: [
      {
        title: 'Now',
        panels: [
          {
            type: 'stat',
            id: 1,
            title: 'Error budget left',
            description:
              'Share of the 30 days’ budget that is not spent, of the service that has least. Below 0 the objective is missed.',
            width: 6,
            height: 4,
            unit: 'percentunit',
            decimals: 1,
            thresholds: downTo(0.25, 0),
            queries: [{ expr: `min(${recorded(SLO_SERIES.budgetLeft)})`, legend: 'left' }],
          },
          {
            type: 'stat',
            id: 2,
            title: 'Objective',
            description: 'Share of the requests that must end well. Set in grafana/src/config.ts.',
            width: 6,
            height: 4,
            unit: 'percentunit',
            decimals: 1,
            thresholds: PLAIN,
            queries: [{ expr: SLO_SERIES.objective, legend: 'objective' }],
          },
          {
            type: 'stat',
            id: 3,
            title: 'Success over 30 days',
            description: 'Share of the requests that ended well, of the service that has least.',
            width: 6,
            height: 4,
            unit: 'percentunit',
            decimals: 3,
            thresholds: downTo(slo.objective, slo.objective - 0.005),
            queries: [{ expr: `1 - max(${recorded(SLO_SERIES.errorRatio(slo.period))})`, legend: 'success' }],
          },
          {
            type: 'stat',
            id: 4,
            title: 'Burn rate, last hour',
            description: 'At 1 the budget lasts exactly 30 days; at 14.4 for an hour, 2 % of it are gone.',
            width: 6,
            height: 4,
            unit: 'short',
            decimals: 1,
            thresholds: upTo(1, 14.4),
            queries: [
              {
                expr: `max(${recorded(SLO_SERIES.errorRatio(3600))}) / (1 - ${slo.objective})`,
                legend: 'burn rate',
              },
            ],
          },
        ],
      },
      {
        title: 'Budget',
        panels: [
          {
            type: 'timeseries',
            id: 10,
            title: 'Error budget, burning down',
            description:
              'Budget left over the 30 days before each moment. It grows again when a bad day is more than 30 days ago.',
            width: 12,
            height: 9,
            unit: 'percentunit',
            max: 1,
            thresholds: [
              [null, 'transparent'],
              [0, 'red'],
            ],
            queries: [{ expr: recorded(SLO_SERIES.budgetLeft), legend: '{{job}}' }],
          },
          {
            type: 'timeseries',
            id: 11,
            title: 'Burn rates',
            description: `How many times faster than allowed, over ${windows.map(duration).join(', ')}. The alerts want a short window as high, too.`,
            width: 12,
            height: 9,
            unit: 'short',
            min: 0,
            queries: windows.map((window) => ({
              expr: `max(${recorded(SLO_SERIES.errorRatio(window))}) / (1 - ${slo.objective})`,
              legend: duration(window),
            })),
          },
        ],
      },
      {
        title: 'What spends it',
        panels: [
          {
            type: 'timeseries',
            id: 12,
            title: 'Bad requests by outcome',
            description: 'Only what counts against the objective.',
            width: 12,
            height: 9,
            unit: 'reqps',
            stacked: true,
            min: 0,
            colors: OUTCOME_COLORS,
            queries: [{ expr: countRateBy(process, DURATION, [OUTCOME], bad), legend: '{{nylas_outcome}}' }],
          },
          {
            type: 'table',
            id: 13,
            title: 'Budget spent by route',
            description: 'Bad requests within the time range, and their share of all bad ones.',
            width: 12,
            height: 9,
            sortBy: 'Bad requests',
            columns: [
              { field: 'url_template', title: 'Route' },
              { field: 'bad', title: 'Bad requests', unit: 'short', decimals: 0, width: 120 },
              { field: 'share', title: 'Share', unit: 'percentunit', decimals: 1, width: 90 },
            ],
            queries: [
              { expr: `topk(15, ${spent})`, legend: 'bad', instant: true },
              { expr: `topk(15, ${spent}) / scalar(sum(${spent}))`, legend: 'share', instant: true },
            ],
          },
        ],
      },
    ],
  };
}
