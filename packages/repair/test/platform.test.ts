import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bindLoggerProvider } from '@nylas-otel/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PlatformWatch, watchPlatform } from '../src/index.ts';
import { startPlatformWatch } from '../src/platform/watch-platform.ts';
import { Readout } from './readout.ts';
import { SteppedRuntime } from './stepped-runtime.ts';

const readout = new Readout();
const told: { eventName?: unknown; severityText?: unknown; body?: unknown; attributes?: unknown }[] = [];
bindLoggerProvider({}, { getLogger: () => ({ emit: (record) => void told.push(record) }) });

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: IncomingMessage[];
let server: Server;
let page: string;
let watch: PlatformWatch | undefined;
let runtime: SteppedRuntime;

beforeEach(async () => {
  told.length = 0;
  asked = [];
  runtime = new SteppedRuntime();
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  page = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await watch?.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const summary = (status: string, incidents: object[] = []) =>
  JSON.stringify({ components: [{ name: 'API', status }], incidents });
const say =
  (body: string, status = 200, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

async function start(timeout = 10): Promise<PlatformWatch> {
  watch = startPlatformWatch({ page, application: 'shop', interval: 60, timeout }, runtime);
  await watch.ready;
  return watch;
}

async function shown(status: string): Promise<number | undefined> {
  const [point] = await readout.values('nylas.platform.component.status', {
    'nylas.application': 'shop',
    'nylas.platform.component': 'api',
    'nylas.platform.status': status,
  });
  return point?.value;
}

describe('watchPlatform', () => {
  it('shows every status of a component, 1 for the one it has', async () => {
    answer = say(summary('operational'));
    await start();
    expect(await shown('operational')).toBe(1);
    expect(await shown('major_outage')).toBe(0);
    answer = say(summary('major_outage'));
    await runtime.advance(60);
    expect(await shown('operational')).toBe(0);
    expect(await shown('major_outage')).toBe(1);
  });

  it('counts unresolved incidents by impact and tells of begin, change and end, once each', async () => {
    const incident = (impact: string) => [{ id: 'i1', name: 'secret title', impact, status: 'identified' }];
    answer = say(summary('operational', incident('minor')));
    await start();
    await runtime.advance(60);
    const counts = async () =>
      (await readout.values('nylas.platform.incidents', { 'nylas.application': 'shop' }))
        .filter(({ value }) => value > 0)
        .map(({ attributes }) => attributes['nylas.platform.impact']);
    expect(await counts()).toEqual(['minor']);
    answer = say(summary('operational', incident('critical')));
    await runtime.advance(60);
    expect(await counts()).toEqual(['critical']);
    answer = say(summary('operational'));
    await runtime.advance(60);
    expect(await counts()).toEqual([]);
    expect(
      told.map(({ eventName, severityText, attributes }) => [eventName, severityText, attributes]),
    ).toEqual([
      ['nylas.platform.incident', 'WARN', { 'nylas.platform.impact': 'minor' }],
      ['nylas.platform.incident', 'WARN', { 'nylas.platform.impact': 'critical' }],
      ['nylas.platform.incident', 'INFO', { 'nylas.platform.impact': 'critical' }],
    ]);
    expect(JSON.stringify(told)).not.toContain('secret title');
  });

  it('sends the ETag back, and keeps what it knows when nothing changed', async () => {
    answer = (request, response) =>
      request.headers['if-none-match'] === '"v1"'
        ? say('', 304)(request, response)
        : say(summary('operational'), 200, { etag: '"v1"' })(request, response);
    const { snapshot } = await start();
    const first = snapshot().readAt?.getTime() ?? 0;
    await runtime.advance(60);
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"v1"']);
    expect(snapshot().problem).toBeUndefined();
    expect(snapshot().components).toEqual([{ name: 'api', status: 'operational' }]);
    expect((snapshot().readAt?.getTime() ?? 0) - first).toBe(60_000);
  });

  it('follows redirects, as the old address answers with one', async () => {
    answer = (request, response) =>
      request.url?.startsWith('/moved') === true
        ? say(summary('operational'))(request, response)
        : say('', 302, { location: `/moved${request.url}` })(request, response);
    expect((await start()).snapshot().components).toHaveLength(1);
  });

  it.each([
    ['an error page', say('<html>', 500), '500'],
    ['a page that is no summary', say('{"hello":1}'), 'unreadable'],
    ['no answer in time', () => {}, 'timeout'],
    ['a cut connection', (request: IncomingMessage) => void request.socket.destroy(), expect.any(String)],
  ])('says unknown after three failures in a row: %s', async (_, failing, problem) => {
    answer = say(summary('operational'));
    const { snapshot } = await start(problem === 'timeout' ? 1 : 10);
    answer = failing;
    await runtime.advance(60);
    await runtime.advance(60);
    expect(await shown('operational')).toBe(1);
    await runtime.advance(60);
    expect(await shown('operational')).toBe(0);
    expect(await shown('unknown')).toBe(1);
    expect(snapshot().problem).toEqual(problem);
    answer = say(summary('operational'));
    await runtime.advance(60);
    expect(await shown('operational')).toBe(1);
  });

  it.each([
    [{ page: 'ftp://x' }, 'page'],
    [{ page: 'https://user:secret@x' }, 'page'],
    [{ interval: 1 }, 'interval'],
    [{ intervall: 60 }, 'intervall'],
  ])('refuses %j and names the option', (options, option) => {
    expect(() => watchPlatform(options as object)).toThrow(
      expect.objectContaining({ option, message: expect.stringMatching(/^watchPlatform: (?!.*secret)/) }),
    );
  });
});
