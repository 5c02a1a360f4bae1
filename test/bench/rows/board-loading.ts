import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BOARD_UIDS, type LoadedBoard, loadBoard, makeDay, startPrometheus } from '@nylas-otel/grafana';
import { type Row, rowOf } from '../row.ts';

const BOARDS = new URL('../../../grafana/dashboards/', import.meta.url);
const LIMIT_MS = 300;
const LOADS = 15;

const nameOf = (uid: string): string => `boards: ${uid} loads its queries`;

export const names: readonly string[] = BOARD_UIDS.map(nameOf);

/**
 * How long a real Prometheus takes for everything a board asks when it is opened, all at once as Grafana asks, on the
 * simulated day with thirty days of recorded series. Wall time: whoever opens a board waits for it. The first decile, as
 * of all that is absolute: what else the machine does only adds to it.
 */
export async function rows(wanted: (name: string) => boolean = () => true): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-boards-'));
  try {
    await makeDay(folder);
    await using prometheus = await startPrometheus(folder);
    const measured: Row[] = [];
    for (const file of readdirSync(BOARDS).filter((name) => name.endsWith('.json'))) {
      const board = JSON.parse(readFileSync(new URL(file, BOARDS), 'utf8')) as LoadedBoard;
      if (!wanted(nameOf(board.uid))) continue;
      const times: number[] = [];
      for (let i = 0; i < LOADS; i++) {
        const start = performance.now();
        await loadBoard(board, prometheus);
        times.push(performance.now() - start);
      }
      times.sort((a, b) => a - b);
      const at = (share: number): number => times[Math.floor(share * (times.length - 1))] as number;
      const estimate = { value: at(0.1), interval: [at(0.05), at(0.95)] as const };
      measured.push(
        rowOf(nameOf(board.uid), estimate, 'ms', LIMIT_MS, `none: ${board.panels.length} panels and rows`),
      );
    }
    return measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
