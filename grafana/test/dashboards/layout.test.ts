import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/config.ts';
import { BOARD_UIDS } from '../../src/dashboards/board-uids.ts';
import { alertsOf, ruleGroups } from '../../src/rules/groups.ts';
import { committedBoards, panelsOf } from './board-json.ts';

const boards = committedBoards();

describe('boards', () => {
  it('are eight, each with its uid, in both forms of names', () => {
    expect(boards.map(({ uid }) => uid).sort()).toEqual([...BOARD_UIDS].sort());
    expect(committedBoards('unsuffixed').map(({ uid }) => uid)).toEqual(boards.map(({ uid }) => uid));
  });

  it('are the classic kind that Grafana provisions from files', () => {
    for (const board of boards) {
      expect(board.schemaVersion).toBeGreaterThanOrEqual(36);
      expect(Object.keys(board)).not.toContain('apiVersion');
    }
  });

  it('are linked to each other and keep time and variables', () => {
    for (const { uid, links } of boards) {
      expect([
        uid,
        links.map(({ tags, keepTime, includeVars }) => ({ tags, keepTime, includeVars })),
      ]).toEqual([uid, [{ tags: ['nylas'], keepTime: true, includeVars: true }]]);
    }
  });

  it('show alerts, deploys and incidents of Nylas as annotations', () => {
    for (const { uid, annotations } of boards) {
      expect([uid, annotations.list.map(({ name }) => name)]).toEqual([
        uid,
        ['Critical alerts', 'Other alerts', 'Deploys', 'Nylas incidents'],
      ]);
    }
  });

  it('hide no link and no annotation in a menu', () => {
    expect(JSON.stringify(boards)).not.toContain('inControlsMenu');
    expect(JSON.stringify(boards)).not.toContain('"placement":"in');
  });

  it('have panels with ids of their own, also among rows', () => {
    for (const { uid, panels } of boards) {
      const ids = panels.map(({ id }) => id);
      expect([uid, ids.every((id) => Number.isInteger(id) && id > 0)]).toEqual([uid, true]);
      expect([uid, new Set(ids).size]).toEqual([uid, ids.length]);
    }
  });

  it('have panels that neither overlap nor leave the grid', () => {
    for (const board of boards) {
      const cells = new Map<string, string>();
      for (const { title, gridPos } of board.panels) {
        expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            const cell = `${x},${y}`;
            expect([board.uid, cell, title, cells.get(cell)]).toEqual([board.uid, cell, title, undefined]);
            cells.set(cell, title);
          }
        }
      }
    }
  });

  it('give heatmaps colours', () => {
    const heatmaps = boards.flatMap(panelsOf).filter(({ type }) => type === 'heatmap');
    expect(heatmaps.length).toBeGreaterThan(2);
    for (const { options } of heatmaps)
      expect(options).toMatchObject({ color: { steps: 64, exponent: 0.5 } });
  });

  it('have the panel that each alert points to', () => {
    const there = boards.flatMap((board) => panelsOf(board).map(({ id }) => `${board.uid} ${id}`));
    for (const { alert, panel } of alertsOf(ruleGroups(DEFAULT_CONFIG))) {
      expect([alert, there]).toEqual([alert, expect.arrayContaining([panel.join(' ')])]);
    }
  });
});
