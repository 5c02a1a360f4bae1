import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ExportResult, WaitingExporter } from './waiting-exporter.ts';

afterEach(() => diag.disable());

function setUp({ code = 0 } = {}) {
  const state = { listens: false, code };
  const sent: number[][] = [];
  const inner = {
    export: vi.fn((items: number[], done: (result: ExportResult) => void) => {
      sent.push(items);
      done({ code: state.code });
    }),
    shutdown: vi.fn(async () => {}),
  };
  const probe = vi.fn(async () => state.listens);
  const exporter = new WaitingExporter<number>(inner, probe, 'no collector; start one');
  const send = (...items: number[]) =>
    new Promise<ExportResult>((resolve) => exporter.export(items, resolve));
  return { state, sent, inner, probe, exporter, send };
}

describe('a batch for which no collector listens', () => {
  it('waits for the next one', async () => {
    const { state, sent, send } = setUp();
    expect(await send(1, 2)).toEqual({ code: 0 });
    expect(sent).toEqual([]);
    state.listens = true;
    await send(3);
    expect(sent).toEqual([[1, 2, 3]]);
  });

  it('is sent at the end if somebody listens then', async () => {
    const { state, sent, exporter, inner, send } = setUp();
    await send(1);
    state.listens = true;
    await exporter.shutdown();
    expect(sent).toEqual([[1]]);
    expect(inner.shutdown).toHaveBeenCalledOnce();
  });

  it('is dropped, the oldest first, beyond 2,048 items', async () => {
    const { state, sent, send } = setUp();
    await send(...Array.from({ length: 2_000 }, (_, i) => i));
    await send(...Array.from({ length: 100 }, (_, i) => 2_000 + i));
    state.listens = true;
    await send(9_999);
    expect(sent[0]).toHaveLength(2_049);
    expect(sent[0]?.[0]).toBe(52);
  });

  it('is told of once', async () => {
    const warn = vi.fn();
    diag.setLogger({ warn } as unknown as DiagLogger, {
      logLevel: DiagLogLevel.WARN,
      suppressOverrideMessage: true,
    });
    const { send } = setUp();
    await send(1);
    await send(2);
    expect(warn.mock.calls).toEqual([['nylas-otel: no collector; start one']]);
  });
});

describe('a collector that answered', () => {
  it('is not looked for again, until an export fails', async () => {
    const { state, probe, send } = setUp();
    state.listens = true;
    await send(1);
    await send(2);
    expect(probe).toHaveBeenCalledTimes(1);
    state.code = 1;
    expect(await send(3)).toEqual({ code: 1 });
    await send(4);
    expect(probe).toHaveBeenCalledTimes(2);
  });
});
