import { describe, expect, it } from 'vitest';
import { type Board, committedBoards } from './board-json.ts';
import { lint } from './linter.ts';
import { EXCEPTIONS } from './linter-exceptions.ts';

const boards = committedBoards();
const findings = lint(boards);

describe('the rules of Grafana’s dashboard-linter', () => {
  it('find nothing but exceptions with a reason', () => {
    const open = findings.filter(
      ({ rule, where, what }) => !EXCEPTIONS.some((exception) => exception.covers({ rule, where, what })),
    );
    expect(open).toEqual([]);
  });

  it('still find every exception', () => {
    const needless = EXCEPTIONS.filter(({ covers }) => !findings.some(covers));
    expect(needless.map(({ because }) => because)).toEqual([]);
  });

  it('would find what is wrong', () => {
    const board = structuredClone(boards[0]) as Board;
    const panel = board.panels.find(({ type }) => type === 'timeseries');
    Object.assign(panel?.targets?.[0] ?? {}, {
      expr: 'sum(rate(nylas_accounts[5m])) + nylas_client_requests_total',
    });
    Object.assign(panel ?? {}, { description: '' });
    const rules = lint([board]).map(({ rule }) => rule);
    expect(rules).toEqual(
      expect.arrayContaining([
        'panel-title-description-rule',
        'target-rate-interval-rule',
        'target-job-rule',
        'target-instance-rule',
        'target-counter-agg-rule',
        'no-rate-on-gauges',
        'shared-gauges-by-max',
      ]),
    );
  });
});
