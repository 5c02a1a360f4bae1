import type { StoredAccount } from '@nylas-otel/store';
import { addLogger, bindTracerProvider, unbindTracerProvider } from '@nylas-otel/telemetry';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, it, onTestFinished } from 'vitest';
import { repairTelemetry } from '../src/runner/repair-telemetry.ts';

const ACCOUNT: StoredAccount = {
  id: '0123456789abcdef012345678',
  email: 'user@example.org',
  provider: 'google',
  state: 'stopped',
  raw: 'stopped',
  since: 0,
  time: 0,
  brokenSince: 0,
  brokenState: 'stopped',
};

function seen() {
  const exporter = new InMemorySpanExporter();
  const owner = {};
  bindTracerProvider(owner, new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  const lines: { readonly severity: string; readonly fields: Record<string, unknown> }[] = [];
  const write = (severity: string) => (_message: string, fields: Record<string, unknown>) =>
    void lines.push({ severity, fields });
  const remove = addLogger({ info: write('info'), warn: write('warn'), error: write('error') });
  onTestFinished(() => {
    remove();
    unbindTracerProvider(owner);
  });
  return { exporter, lines };
}

it('shows an action as a span and a log event of one trace, without the address', async () => {
  const { exporter, lines } = seen();
  const telemetry = repairTelemetry('shop', 'v2', 'id');
  await telemetry.action(ACCOUNT, 'restarting', 'upgrade', async () => ({
    fact: { kind: 'failed', sure: false },
    outcome: 'server_error',
    errorType: '503',
    at: 0,
  }));
  const [span] = exporter.getFinishedSpans();
  expect(span?.name).toBe('nylas repair.restarting');
  expect(span?.attributes).toMatchObject({
    'nylas.repair.step': 'restarting',
    'nylas.account.id': ACCOUNT.id,
    'error.type': '503',
  });
  expect(lines).toMatchObject([
    {
      severity: 'warn',
      fields: {
        'event.name': 'nylas.repair.action',
        'nylas.repair.action': 'restart',
        'nylas.outcome': 'server_error',
        'nylas.application': 'shop',
        trace_id: span?.spanContext().traceId,
      },
    },
  ]);
  expect(JSON.stringify([span?.attributes, lines])).not.toContain('example.org');
});

it('counts a downgrade that worked as half of a restart: only its span is shown', async () => {
  const { exporter, lines } = seen();
  const telemetry = repairTelemetry('shop', 'v2', 'id');
  const worked = { fact: { kind: 'done' }, outcome: 'success', errorType: undefined, at: 0 } as const;
  await telemetry.action(ACCOUNT, 'restarting', 'downgrade', async () => worked);
  expect(exporter.getFinishedSpans()).toHaveLength(1);
  expect(lines).toEqual([]);
});

it('says a mass failure as an error', () => {
  const { lines } = seen();
  repairTelemetry('shop', 'v3', 'id').held({ by: 'mass_failure', since: new Date(0), why: '30 accounts' });
  expect(lines).toMatchObject([{ severity: 'error', fields: { 'event.name': 'nylas.repair.paused' } }]);
});
