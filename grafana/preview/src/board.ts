/** What the preview reads of a board. */
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description?: string;
  readonly time: { readonly from: string };
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly Annotation[] };
}

export interface Variable {
  readonly type: string;
  readonly name: string;
  readonly label: string;
  readonly query: string;
}

export interface Annotation {
  readonly name: string;
  readonly enable: boolean;
  readonly iconColor: string;
  readonly expr?: string;
  readonly titleFormat?: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: string };
  readonly maxDataPoints?: number;
  readonly targets?: readonly Target[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly { readonly id: string; readonly options: Organize }[];
  readonly fieldConfig?: {
    readonly defaults: Readonly<Record<string, unknown>>;
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
}

export interface Target {
  readonly refId: string;
  readonly expr?: string;
  readonly instant?: boolean;
  readonly legendFormat?: string;
}

export interface Organize {
  readonly indexByName?: Readonly<Record<string, number>>;
  readonly renameByName?: Readonly<Record<string, string>>;
}

export const BOARDS = [
  'nylas-overview',
  'nylas-requests',
  'nylas-accounts',
  'nylas-webhooks',
  'nylas-limits',
  'nylas-platform',
  'nylas-slo',
  'nylas-telemetry',
] as const;

export async function readBoard(uid: string): Promise<Board> {
  const answer = await fetch(`/boards/${uid}.json`);
  if (!answer.ok) throw new Error(`There is no board ${uid}.`);
  return (await answer.json()) as Board;
}
