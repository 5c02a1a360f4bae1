import { afterEach, describe, expect, it } from 'vitest';
import {
  addLogger,
  bindLoggerProvider,
  emitLogEvent,
  logsWanted,
  unbindLoggerProvider,
} from './log-events.ts';

const SCOPE = { name: 'test', version: '1' };
const EVENT = {
  name: 'nylas.client.error',
  severity: 'warn',
  attributes: { a: 1 },
  message: 'one line',
} as const;
const LEGACY = Symbol.for('io.opentelemetry.js.api.logs');

describe('emitLogEvent', () => {
  const undo: Array<() => void> = [];
  afterEach(() => {
    for (const step of undo.splice(0)) step();
  });
  const recordingProvider = () => {
    const records: Array<Record<string, unknown>> = [];
    return {
      records,
      provider: { getLogger: () => ({ emit: (record: Record<string, unknown>) => records.push(record) }) },
    };
  };

  it('goes to a bound provider with event name, severity, body and attributes', () => {
    const { records, provider } = recordingProvider();
    const owner = {};
    bindLoggerProvider(owner, provider);
    undo.push(() => unbindLoggerProvider(owner));
    emitLogEvent(SCOPE, EVENT);
    expect(records).toMatchObject([
      {
        eventName: 'nylas.client.error',
        severityNumber: 13,
        severityText: 'WARN',
        body: 'one line',
        attributes: { a: 1 },
      },
    ]);
  });

  it('goes to the global provider of api-logs, as services on the 2.x line have it', () => {
    const { records, provider } = recordingProvider();
    const holder = globalThis as { [LEGACY]?: unknown };
    holder[LEGACY] = (version: number) => (version === 1 ? provider : undefined);
    undo.push(() => delete holder[LEGACY]);
    expect(logsWanted()).toBe(true);
    emitLogEvent(SCOPE, EVENT);
    expect(records).toHaveLength(1);
  });

  it('calls pino with the fields first, winston and console with the message first', () => {
    const calls: unknown[][] = [];
    const log = (...args: unknown[]) => calls.push(args);
    const pino = { info: log, warn: log, error: log, bindings: () => ({}) };
    const plain = { info: log, warn: log, error: log };
    undo.push(addLogger(pino), addLogger(plain));
    emitLogEvent(SCOPE, EVENT);
    expect(calls).toEqual([
      [{ 'event.name': 'nylas.client.error', a: 1 }, 'one line'],
      ['one line', { 'event.name': 'nylas.client.error', a: 1 }],
    ]);
  });

  it('writes once to a logger that two parts added, until both have removed it', () => {
    const calls: unknown[][] = [];
    const log = (...args: unknown[]) => calls.push(args);
    const logger = { info: log, warn: log, error: log };
    const [first, second] = [addLogger(logger), addLogger(logger)];
    emitLogEvent(SCOPE, EVENT);
    first();
    first();
    emitLogEvent(SCOPE, EVENT);
    second();
    emitLogEvent(SCOPE, EVENT);
    expect(calls).toHaveLength(2);
  });

  it('never throws, whatever a logger or provider does', () => {
    const failing = () => {
      throw new Error('sink');
    };
    const owner = {};
    bindLoggerProvider(owner, { getLogger: failing });
    undo.push(() => unbindLoggerProvider(owner), addLogger({ info: failing, warn: failing, error: failing }));
    expect(() => emitLogEvent(SCOPE, EVENT)).not.toThrow();
  });
});
