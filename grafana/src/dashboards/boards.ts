import type { RulesConfig } from '../config.ts';
import { BoardSeries, type BoardSpec } from './board-spec.ts';
import type { BoardUid } from './board-uids.ts';
import { accountsBoard } from './boards/accounts.ts';
import { limitsBoard } from './boards/limits.ts';
import { overviewBoard } from './boards/overview.ts';
import { platformBoard } from './boards/platform.ts';
import { requestsBoard } from './boards/requests.ts';
import { sloBoard } from './boards/slo.ts';
import { telemetryBoard } from './boards/telemetry.ts';
import { webhooksBoard } from './boards/webhooks.ts';
import { buildBoard } from './build-board.ts';

/** All boards. */
function boardSpecs(config: RulesConfig): BoardSpec[] {
  const series = new BoardSeries(config.naming);
  return [
    overviewBoard,
    requestsBoard,
    accountsBoard,
    webhooksBoard,
    limitsBoard,
    platformBoard,
    sloBoard,
    telemetryBoard,
  ].map((board) => board(config, series));
}

/** The JSON of each board, by uid. */
export function boardsAsJson(config: RulesConfig): Map<BoardUid, string> {
  const series = new BoardSeries(config.naming);
  return new Map(
    boardSpecs(config).map((spec) => [spec.uid, `${JSON.stringify(buildBoard(spec, series), null, 2)}\n`]),
  );
}
