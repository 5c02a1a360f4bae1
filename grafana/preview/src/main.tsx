import { createTheme, ThemeContext } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { askAnnotations, type Mark } from './annotations.tsx';
import { BOARDS, type Board, type Panel, readBoard } from './board.ts';
import { PanelView } from './panel-view.tsx';
import { type Picked, pickedIn } from './picked.ts';
import type { Span } from './queries.ts';
import { VariablePickers } from './variable-pickers.tsx';

const parameters = new URLSearchParams(location.search);
const CELL = { height: 30, gap: 8 };
const RANGES = {
  'now-1h': 3600,
  'now-6h': 21_600,
  'now-24h': 86_400,
  'now-7d': 604_800,
  'now-30d': 2_592_000,
} as const;

function App() {
  const dark = parameters.get('theme') !== 'light';
  const theme = useMemo(() => createTheme({ colors: { mode: dark ? 'dark' : 'light' } }), [dark]);
  const [board, setBoard] = useState<Board>();
  const uid = parameters.get('board') ?? 'nylas-overview';
  useEffect(() => {
    void readBoard(uid).then(setBoard);
  }, [uid]);
  const from = parameters.get('from') ?? board?.time.from ?? 'now-6h';
  const span = useMemo(() => {
    const to = Number(parameters.get('to') ?? Math.floor(Date.now() / 60_000) * 60);
    return { from: to - (RANGES[from as keyof typeof RANGES] ?? 21_600), to };
  }, [from]);
  const [picked, setPicked] = useState(pickedIn(parameters));
  const pick = (name: string, values: readonly string[]): void => {
    parameters.delete(`var-${name}`);
    for (const value of values) parameters.append(`var-${name}`, value);
    history.replaceState(undefined, '', `?${parameters}`);
    setPicked(pickedIn(parameters));
  };
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <div
        style={{
          background: theme.colors.background.canvas,
          color: theme.colors.text.primary,
          minHeight: '100vh',
          padding: '0 16px 16px',
        }}
      >
        <header style={{ display: 'flex', gap: 12, alignItems: 'center', height: 48, fontSize: 14 }}>
          {BOARDS.map((name) => (
            <a
              key={name}
              href={link({ board: name, from: undefined })}
              style={{
                color: name === uid ? theme.colors.text.maxContrast : theme.colors.text.secondary,
                fontWeight: name === uid ? 600 : 400,
              }}
            >
              {name.slice('nylas-'.length)}
            </a>
          ))}
          <span style={{ flex: 1 }} />
          {Object.keys(RANGES).map((range) => (
            <a
              key={range}
              href={link({ from: range })}
              style={{ color: range === from ? theme.colors.text.maxContrast : theme.colors.text.secondary }}
            >
              {range.slice('now-'.length)}
            </a>
          ))}
          <a href={link({ theme: dark ? 'light' : 'dark' })} style={{ color: theme.colors.text.link }}>
            {dark ? 'light' : 'dark'}
          </a>
          <span style={{ color: theme.colors.text.secondary }}>Preview, not Grafana</span>
        </header>
        {board ? (
          <>
            <div
              style={{ display: 'flex', gap: 8, flexWrap: 'wrap', alignItems: 'center', paddingBottom: 8 }}
            >
              <VariablePickers board={board} span={span} picked={picked} onPick={pick} />
              {board.annotations.list
                .filter(({ enable }) => enable)
                .map(({ name, iconColor }) => (
                  <span key={name} style={{ fontSize: 12, color: theme.colors.text.secondary }}>
                    <span style={{ color: theme.visualization.getColorByName(iconColor) }}>┆</span> {name}
                  </span>
                ))}
            </div>
            <Grid board={board} span={span} picked={picked} />
          </>
        ) : null}
      </div>
      <PortalContainer />
    </ThemeContext.Provider>
  );
}

function link(changes: Readonly<Record<string, string | undefined>>): string {
  const next = new URLSearchParams(parameters);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) next.delete(name);
    else next.set(name, value);
  }
  return `?${next}`;
}

interface GridProps {
  readonly board: Board;
  readonly span: Span;
  readonly picked: Picked;
}

function Grid({ board, span, picked }: GridProps) {
  const [marks, setMarks] = useState<readonly Mark[]>();
  useEffect(() => {
    askAnnotations(board, span, picked).then(setMarks, () => setMarks([]));
  }, [board, span, picked]);
  const width = document.documentElement.clientWidth - 32;
  const column = (width + CELL.gap) / 24;
  const place = ({ x, y, w, h }: Panel['gridPos']) => ({
    left: x * column,
    top: y * (CELL.height + CELL.gap),
    width: w * column - CELL.gap,
    height: h * (CELL.height + CELL.gap) - CELL.gap,
  });
  // Graphs take their marks when they are made.
  if (marks === undefined) return null;
  const bottom = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  return (
    <div
      id="board"
      data-panels={board.panels.filter(({ type }) => type !== 'row').length}
      style={{ position: 'relative', height: bottom * (CELL.height + CELL.gap) }}
    >
      {board.panels.map((panel) => {
        const box = place(panel.gridPos);
        return (
          <div key={panel.id} style={{ position: 'absolute', ...box }}>
            {panel.type === 'row' ? (
              <div style={{ fontSize: 16, fontWeight: 500, paddingTop: 4 }}>{panel.title}</div>
            ) : (
              <PanelView
                panel={panel}
                span={span}
                picked={picked}
                marks={marks}
                width={box.width}
                height={box.height}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(<App />);
