import type { IncomingMessage, ServerResponse } from 'node:http';
import { currentScope } from '@nylas-otel/telemetry';
import { describe, expect, it } from 'vitest';
import { express4, express5 } from '../../test/express.ts';
import { send, serve } from '../../test/loopback.ts';
import { parseScrape } from '../../test/prometheus-text.ts';
import { nylasTelemetry } from './nylas-telemetry.ts';

/** What a Nylas request made here would be labelled with. */
function callerNow(): string | undefined {
  const caller = currentScope()?.caller;
  return typeof caller === 'function' ? caller() : caller;
}

const answerCaller = async (_request: IncomingMessage, response: ServerResponse): Promise<void> => {
  await new Promise((resolve) => setImmediate(resolve));
  response.end(String(callerNow()));
};

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  it('serves the metrics beside the routes of the application', async () => {
    const app = express();
    app.use(nylasTelemetry({ metrics: '/metrics' }));
    app.get('/', (_request: unknown, response: ServerResponse) => void response.end('home'));
    const url = await serve(app);
    expect(parseScrape((await send(`${url}/metrics?x=1`)).body.toString()).has('target_info')).toBe(true);
    expect((await send(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
    expect((await send(url)).body.toString()).toBe('home');
    expect((await send(`${url}/metrics/more`)).status).toBe(404);
  });

  it('serves the metrics under a mount', async () => {
    const app = express();
    app.use('/internal', nylasTelemetry({ metrics: '/metrics' }));
    app.use('/prometheus', nylasTelemetry({ metrics: '/prometheus' }));
    const url = await serve(app);
    expect((await send(`${url}/internal/metrics`)).status).toBe(200);
    expect((await send(`${url}/prometheus`)).status).toBe(200);
    expect((await send(`${url}/metrics`)).status).toBe(404);
  });

  it('serves no metrics where none are wanted', async () => {
    const app = express();
    app.use(nylasTelemetry({ metrics: false }));
    expect((await send(`${await serve(app)}/metrics`)).status).toBe(404);
  });

  it('names the route that causes a Nylas call, never the path', async () => {
    const app = express();
    app.use(nylasTelemetry({ callers: true }));
    app.use(express.json());
    app.get('/users/:id', answerCaller);
    app.post('/users/:id/mail', answerCaller);
    app.get(/^\/files\/.+/, answerCaller);
    app.get(['/a/:x', '/b/:x'], answerCaller);
    app.get('/', answerCaller);
    const url = await serve(app);
    const get = async (path: string) => (await send(url + path)).body.toString();
    expect(await get('/users/alice@example.com')).toBe('/users/:id');
    expect(await get('/files/secret.txt')).toBe('/^\\/files\\/.+/');
    expect(await get('/b/7')).toBe('/a/:x|/b/:x');
    expect(await get('/')).toBe('/');
    const posted = await send(`${url}/users/42/mail`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', expect: '100-continue' },
      body: JSON.stringify({ text: 'x'.repeat(50_000) }),
    });
    expect(posted.body.toString()).toBe('/users/:id/mail');
  });

  it('names routes of mounted routers and applications by what was written', async () => {
    const app = express();
    const inner = express.Router({ mergeParams: true });
    inner.get('/mail/:message', answerCaller);
    inner.get('/', answerCaller);
    const users = express.Router();
    users.use('/:user/boxes/:box', inner);
    users.use('/@:handle', inner);
    users.use(/^\/raw\/\d+/, inner);
    const sub = express();
    sub.use('/v1', users);
    sub.get('/own/:x', answerCaller);
    app.use(nylasTelemetry({ callers: true }));
    app.use((_request: unknown, _response: unknown, next: () => void) => next());
    app.use('/tenants/:tenant', sub);
    app.use('/api', users);
    const url = await serve(app);
    const get = async (path: string) => (await send(url + path)).body.toString();
    expect(await get('/api/alice/boxes/in%20box/mail/7')).toBe('/api/:user/boxes/:box/mail/:message');
    expect(await get('/api/bob/boxes/9/')).toBe('/api/:user/boxes/:box');
    expect(await get('/api/@carol/mail/7')).toMatch(/^\/api\/(\*|@:handle)\/mail\/:message$/);
    expect(await get('/api/raw/4711/mail/7')).toBe('/api/raw/*/mail/:message');
    expect(await get('/tenants/acme/own/7')).toBe('/tenants/:tenant/own/:x');
    expect(await get('/tenants/acme/v1/dave/boxes/1/mail/2')).toBe(
      '/tenants/:tenant/v1/:user/boxes/:box/mail/:message',
    );
    // What a mount's first request held is nowhere in the labels of the next.
    expect(await get('/api/erin/boxes/2/mail/7')).toBe('/api/:user/boxes/:box/mail/:message');
  });

  it('names no route before one has matched', async () => {
    const app = express();
    app.use(nylasTelemetry({ callers: true }));
    app.use(answerCaller);
    expect((await send(`${await serve(app)}/x`)).body.toString()).toBe('undefined');
  });

  it('tells at most so many routes apart', async () => {
    const app = express();
    app.use(nylasTelemetry({ callers: { max: 2 } }));
    for (const path of ['/a', '/b', '/c']) app.get(path, answerCaller);
    const url = await serve(app);
    const seen = [];
    for (const path of ['/a', '/b', '/c', '/a']) seen.push((await send(url + path)).body.toString());
    expect(seen).toEqual(['/a', '/b', 'other', '/a']);
  });

  it('keeps the callers of concurrent requests apart', async () => {
    const app = express();
    app.use(nylasTelemetry({ callers: true }));
    for (let i = 0; i < 20; i++) app.get(`/r${i}`, answerCaller);
    const url = await serve(app);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => send(`${url}/r${i % 20}`)));
    answers.forEach(({ body }, i) => {
      expect(body.toString()).toBe(`/r${i % 20}`);
    });
  });
});

describe('plain node:http', () => {
  it('serves the metrics and calls on for the rest', async () => {
    const telemetry = nylasTelemetry();
    const url = await serve((request, response) => telemetry(request, response, () => response.end('app')));
    expect((await send(`${url}/metrics`)).headers['content-type']).toContain('version=0.0.4');
    expect((await send(`${url}/`)).body.toString()).toBe('app');
  });

  it('names callers as it is told', async () => {
    const telemetry = nylasTelemetry({
      callers: { name: (request) => (request.url?.startsWith('/users/') ? '/users/:id' : undefined) },
    });
    const url = await serve((request, response) =>
      telemetry(request, response, () => void answerCaller(request, response)),
    );
    expect((await send(`${url}/users/42`)).body.toString()).toBe('/users/:id');
    expect((await send(`${url}/else`)).body.toString()).toBe('undefined');
  });
});
