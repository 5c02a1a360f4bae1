import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the tests read of a board, as it is committed. */
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly editable: boolean;
  readonly schemaVersion: number;
  readonly time: { readonly from: string; readonly to: string };
  readonly panels: readonly BoardPanel[];
  readonly links: readonly {
    readonly keepTime: boolean;
    readonly includeVars: boolean;
    readonly tags: readonly string[];
  }[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
  readonly templating: { readonly list: readonly BoardVariable[] };
}

export interface BoardVariable {
  readonly name: string;
  readonly label?: string;
  readonly type: string;
  readonly query: string | { readonly query?: string };
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly refresh?: number;
  readonly datasource?: { readonly type: string; readonly uid: string };
}

export interface BoardTarget {
  readonly refId: string;
  readonly expr?: string;
  readonly query?: string;
  readonly instant?: boolean;
  readonly legendFormat?: string;
  readonly datasource: { readonly type: string; readonly uid: string };
}

export interface BoardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly BoardTarget[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly mappings?: readonly unknown[];
      readonly custom?: Readonly<Record<string, unknown>>;
    };
    readonly overrides: readonly {
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
}

const FOLDER = join(import.meta.dirname, '../../dashboards');

/** The committed boards, in one of the two forms of names. */
export function committedBoards(folder: '' | 'unsuffixed' = ''): Board[] {
  return readdirSync(join(FOLDER, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(FOLDER, folder, name), 'utf8')) as Board);
}

/** Panels that show data. */
export function panelsOf(board: Board): BoardPanel[] {
  return board.panels.filter(({ type }) => type !== 'row');
}

/** Every query to Prometheus, with where it stands. */
export function prometheusQueries(boards: readonly Board[]): {
  readonly where: string;
  readonly board: Board;
  readonly panel: BoardPanel;
  readonly target: BoardTarget;
  readonly expr: string;
}[] {
  return boards.flatMap((board) =>
    panelsOf(board).flatMap((panel) =>
      (panel.targets ?? [])
        .filter(({ datasource }) => datasource.type === 'prometheus')
        .map((target) => ({
          where: `${board.uid} ${panel.id} ${target.refId}`,
          board,
          panel,
          target,
          expr: target.expr ?? '',
        })),
    ),
  );
}
