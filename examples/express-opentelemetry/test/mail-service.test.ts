import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Simulator, type SimulatorOptions, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailService, startMailService } from './mail-service.ts';
import { type ReceivedSpan, type SpanReceiver, startSpanReceiver } from './span-receiver.ts';

const EXAMPLE = dirname(import.meta.dirname);
const NYLAS: SimulatorOptions = { grants: 6, accounts: 3 };
const DAY = { start: 1_767_225_600, end: 1_767_312_000 };

let collector: SpanReceiver;
let nylas: Simulator;
let service: MailService;

beforeAll(async () => {
  [collector, nylas] = await Promise.all([startSpanReceiver(), startSimulator(NYLAS)]);
  service = await startMailService(EXAMPLE, nylas, collector.url);
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await nylas?.close();
  await collector?.[Symbol.asyncDispose]();
});

describe('the service with nylas-otel', () => {
  it('shows a failing request as one trace: server, operation, a span for each attempt', async () => {
    const grant = grantNumber(0);
    const route = '/v3/grants/{grant_id}/messages';
    nylas.faults.add({
      fault: 'rate_limit_provider',
      route,
      grant,
      times: 1,
      options: { retryAfter: 1 },
    });
    nylas.faults.add({ fault: 'bad_gateway_html', route, grant, times: 1 });
    expect((await service.ask(`/mailboxes/${grant}/messages`)).status).toBe(200);

    const spans = await collector.trace((all) => clients(all).length === 3 && servers(all).length === 1);
    const operation = only(spans.filter(({ name }) => name === 'nylas messages.list'));
    const attempts = clients(spans);
    expect(only(servers(spans)).name).toBe('GET /mailboxes/:grantId/messages');
    expect(ancestors(operation, spans)).toContain(only(servers(spans)));
    expect(operation.status).not.toBe(2);
    expect(new Set(attempts.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([operation.spanId]));
    expect(attempts.map(({ name }) => name)).toEqual(Array(3).fill(`GET ${route}`));
    expect(
      attempts.map(({ attributes }) => [
        attributes['http.response.status_code'],
        attributes['error.type'],
        attributes['http.request.resend_count'],
      ]),
    ).toEqual([
      [429, 'rate_limit_error', undefined],
      [502, '502', 1],
      [200, undefined, 2],
    ]);
  });

  it('says the account of an API v2 call, whose URL has none', async () => {
    const account = accountNumber(1);
    await service.ask(`/legacy/${account}/messages`);
    const spans = await collector.trace((all) =>
      all.some(({ attributes }) => attributes['url.template'] === '/messages'),
    );
    expect(only(clients(spans)).attributes).toMatchObject({
      'nylas.api.version': 'v2',
      'nylas.account.id': account,
    });
  });

  it('serves the Nylas metrics beside its own', async () => {
    const grant = grantNumber(1);
    nylas.faults.add({ fault: 'stalled_headers', route: '/v3/grants/{grant_id}/calendars/free-busy', grant });
    const { status } = await service.ask(`/scheduling/${grant}/free-busy`, {
      emails: ['ada@example.com'],
      ...DAY,
    });
    expect(status).toBe(504);

    const ours = await service.page('/metrics/nylas');
    expect(ours).toMatch(
      /^nylas_client_requests_total\{error_type="timeout",.*url_template="\/v3\/grants\/\{grant_id\}\/calendars\/free-busy"\} 1$/m,
    );
    expect(ours).toMatch(
      /^nylas_client_caller_requests_total\{nylas_caller="\/scheduling\/:grantId\/free-busy",nylas_outcome="timeout"\} 1$/m,
    );
    expect(ours).toMatch(/^nylas_client_rate_limits_total\{.*nylas_rate_limit_source="provider".*\} 1$/m);
    expect(ours).toMatch(/^nylas_client_retries_total\{.*nylas_retry_reason="server_error".*\} 1$/m);
    const theirs = await service.page('/metrics');
    expect(theirs).toMatch(/^mail_service_requests_total\{status="504"\} 1$/m);
    expect(theirs).not.toContain('nylas_');
  });

  it('counts every request that reached Nylas once', async () => {
    // One may be under way at the moment: the accounts are read in the background.
    await expect
      .poll(async () => {
        const page = await service.page('/metrics/nylas');
        return sumOf(page, 'nylas_client_requests_total') - nylas.requests.total;
      })
      .toBe(0);
  });

  it('has the sync state of every account on a gauge, and logs how it changed', async () => {
    const grant = grantNumber(2);
    nylas.grants.setStatus(grant, 'invalid');
    expect(await service.ask(`/mailboxes/${grant}/messages`)).toEqual({
      status: 409,
      body: { error: 'reconnect_mailbox' },
    });
    await expect
      .poll(() => service.log.find((line) => line['event.name'] === 'nylas.account.transition'))
      .toMatchObject({
        'nylas.grant.id': grant,
        'nylas.account.state.from': 'running',
        'nylas.account.state': 'invalid',
        'nylas.account.signal': 'request',
      });
    const page = await service.page('/metrics/nylas');
    const gauge = (state: string, version: string) =>
      sumOf(page, 'nylas_accounts', `nylas_account_state="${state}"`, `nylas_api_version="${version}"`);
    expect([gauge('running', 'v3'), gauge('invalid', 'v3'), gauge('running', 'v2')]).toEqual([5, 1, 3]);
  });

  it('writes one line for Nylas support for each failed call', () => {
    const line = service.log.find(
      (entry) => entry['event.name'] === 'nylas.client.error' && entry['http.response.status_code'] === 401,
    );
    const request = nylas.requests.list().find(({ status }) => status === 401);
    expect(line?.msg).toContain(`request id ${request?.requestId}`);
  });

  it('keeps addresses, subjects and raw paths out of the Nylas spans and of the metrics', async () => {
    const grant = grantNumber(0);
    await service.ask(`/mailboxes/${grant}/messages`, {
      to: 'ada@example.com',
      subject: 'Very private',
      body: 'Nobody else should see this.',
    });
    const spans = await collector.trace((all) => all.some(({ name }) => name === 'nylas messages.send'));
    const seen = JSON.stringify(spans.filter(({ scope }) => scope.startsWith('@nylas-otel/')));
    const page = await service.page('/metrics/nylas');
    for (const secret of ['ada@example.com', 'Very private', `/v3/grants/${grant}`, nylas.apiKey]) {
      expect(seen).not.toContain(secret);
      expect(page).not.toContain(secret);
    }
  });

  it('ends when it is told to, whatever it watches', async () => {
    service.process.kill('SIGTERM');
    expect(await once(service.process, 'exit')).toEqual([0, null]);
  });
});

describe('adding it', () => {
  const diff = /```diff\n([\s\S]*?)```/.exec(readFileSync(join(EXAMPLE, 'README.md'), 'utf8'))?.[1] ?? '';

  it('takes a handful of lines, each of them marked', () => {
    const added = diff.split('\n').filter((line) => /^\+(?!\+\+)/.test(line) && line !== '+');
    expect(added.length).toBeLessThanOrEqual(22);
    for (const line of added) expect(line).toContain('// + nylas-otel');
  });

  it('changes no answer of the service', async () => {
    const before = mkdtempSync(join(tmpdir(), 'mail-service-before-'));
    try {
      cpSync(join(EXAMPLE, 'src'), join(before, 'src'), { recursive: true });
      cpSync(join(EXAMPLE, 'package.json'), join(before, 'package.json'));
      symlinkSync(join(EXAMPLE, 'node_modules'), join(before, 'node_modules'));
      writeFileSync(join(before, 'added.diff'), diff);
      // Outside of any repository it applies to plain files.
      execFileSync('git', ['apply', '--reverse', '--unidiff-zero', 'added.diff'], {
        cwd: before,
        env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(before) },
      });
      for (const file of readdirSync(join(before, 'src'), { recursive: true, withFileTypes: true }))
        if (file.isFile())
          expect(readFileSync(join(file.parentPath, file.name), 'utf8')).not.toContain('nylas-otel');

      const [with_, without] = await Promise.all([answersOf(EXAMPLE), answersOf(before)]);
      expect(with_).toEqual(without);
      expect(with_.map(({ status }) => status)).toEqual([200, 200, 202, 200, 200, 404, 404, 409, 504]);
    } finally {
      rmSync(before, { recursive: true });
    }
  });
});

/** What the service of a folder answers to the same requests, to a Nylas of its own. */
async function answersOf(folder: string): Promise<{ status: number; body: unknown }[]> {
  await using receiver = await startSpanReceiver();
  await using itsNylas = await startSimulator(NYLAS);
  await using itself = await startMailService(folder, itsNylas, receiver.url);
  const [one, two] = itsNylas.grants.list();
  const account = itsNylas.accounts.list()[0];
  const mailbox = `/mailboxes/${one?.id}/messages`;
  const freeBusy = { emails: [one?.email], ...DAY };
  const list = await itself.ask(mailbox);
  const [message] = list.body as { id: string }[];
  const answers = [
    list,
    await itself.ask(`${mailbox}/${message?.id}`),
    await itself.ask(mailbox, { to: 'ada@example.com', subject: 'Hello', body: 'How are you?' }),
    await itself.ask(`/scheduling/${one?.id}/free-busy`, freeBusy),
    await itself.ask(`/legacy/${account?.id}/messages`),
    await itself.ask(`${mailbox}/nothing`),
    await itself.ask('/legacy/nobody/messages'),
  ];
  itsNylas.grants.setStatus(two?.id ?? '', 'invalid');
  answers.push(await itself.ask(`/mailboxes/${two?.id}/messages`));
  itsNylas.faults.add({ fault: 'stalled_headers', method: 'POST' });
  answers.push(await itself.ask(`/scheduling/${one?.id}/free-busy`, freeBusy));
  return answers;
}

function grantNumber(index: number): string {
  return nylas.grants.list()[index]?.id as string;
}

function accountNumber(index: number): string {
  return nylas.accounts.list()[index]?.id as string;
}

function clients(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  return spans.filter(({ kind }) => kind === 3);
}

function servers(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  return spans.filter(({ kind }) => kind === 2);
}

function only<T>(items: readonly T[]): T {
  expect(items).toHaveLength(1);
  return items[0] as T;
}

function ancestors(span: ReceivedSpan, spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent === undefined ? [] : [parent, ...ancestors(parent, spans)];
}

/** The sum over the series of a metric that have all the given labels. */
function sumOf(page: string, metric: string, ...labels: readonly string[]): number {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
