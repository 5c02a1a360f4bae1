import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSimulator } from '@nylas-otel/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDestinationWatch } from '../src/destinations/watch-destinations.ts';
import { type DestinationChange, type DestinationWatch, watchDestinations } from '../src/index.ts';
import { Readout } from './readout.ts';
import { SteppedRuntime } from './stepped-runtime.ts';

const readout = new Readout();
let runtime: SteppedRuntime;
let watch: DestinationWatch | undefined;
beforeEach(() => {
  runtime = new SteppedRuntime();
});
afterEach(() => watch?.close());

/** Labels with the status that is 1. */
async function shown(application: string): Promise<Record<string, unknown>> {
  const points = await readout.values('nylas.webhook.destination.status', {
    'nylas.application': application,
  });
  return Object.fromEntries(
    points
      .filter(({ value }) => value === 1)
      .map(({ attributes }) => [
        String(attributes['nylas.webhook.destination']),
        attributes['nylas.webhook.status'],
      ]),
  );
}

describe('watchDestinations over v3', () => {
  it('follows the destinations of an application, without id or URL in sight', async () => {
    await using simulator = await startSimulator({ grants: 0, accounts: 0 });
    const call = async (method: string, path: string, body: object) => {
      const response = await fetch(simulator.url + path, {
        method,
        headers: { authorization: `Bearer ${simulator.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return ((await response.json()) as { data: { id: string } }).data;
    };
    const receiver = await challengeServer();
    try {
      const { id } = await call('POST', '/v3/webhooks', {
        webhook_url: `${receiver.url}/hook/secret-path`,
        trigger_types: ['message.created'],
      });
      const changes: DestinationChange[] = [];
      watch = startDestinationWatch(
        {
          apiKey: simulator.apiKey,
          baseUrl: simulator.url,
          application: 'v3shop',
          onTransition: (change) => changes.push(change),
        },
        runtime,
      );
      await watch.ready;
      expect(await shown('v3shop')).toEqual({ 1: 'active' });
      await call('PUT', `/v3/webhooks/${id}`, { status: 'pause' });
      await runtime.advance(60);
      expect(await shown('v3shop')).toEqual({ 1: 'pause' });
      expect(changes).toMatchObject([{ label: '1', from: 'active', to: 'pause' }]);
      const all = JSON.stringify(await readout.values('nylas.webhook.destination.status'));
      expect(all).not.toContain(id);
      expect(all).not.toContain('secret-path');
    } finally {
      await receiver.close();
    }
  });
});

describe('watchDestinations over v2', () => {
  it('asks with the client secret and keeps what it knows while the list cannot be read', async () => {
    let answer: [number, unknown] = [200, [{ id: 'w', state: 'active', callback_url: 'https://x' }]];
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      asked.push([request.url, request.headers.authorization]);
      response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
    });
    await listening(server);
    watch = startDestinationWatch(
      {
        clientId: 'client',
        clientSecret: 'secret',
        baseUrl: urlOf(server),
        application: 'v2shop',
        aliases: { w: 'main' },
      },
      runtime,
    );
    await watch.ready;
    expect(asked[0]).toEqual(['/a/client/webhooks', `Basic ${Buffer.from('secret:').toString('base64')}`]);
    expect(await shown('v2shop')).toEqual({ main: 'active' });
    answer = [500, {}];
    await runtime.advance(60);
    expect(watch.problem).toBe('500');
    expect(await shown('v2shop')).toEqual({ main: 'active' });
    answer = [200, [{ id: 'w', state: 'failed', callback_url: 'https://x' }]];
    await runtime.advance(60);
    expect(watch.problem).toBeUndefined();
    expect(await shown('v2shop')).toEqual({ main: 'failed' });
    server.close();
  });

  it('passes over destinations of others', async () => {
    const server = createServer((_, response) => {
      response.end(JSON.stringify([{ id: 'a', state: 'active', callback_url: 'https://theirs' }]));
    });
    await listening(server);
    watch = startDestinationWatch(
      {
        clientId: 'c',
        clientSecret: 's',
        baseUrl: urlOf(server),
        application: 'v2ours',
        ours: ({ url }) => url === 'https://ours',
      },
      runtime,
    );
    await watch.ready;
    expect(watch.destinations()).toEqual([]);
    server.close();
  });

  it('refuses options that cannot be used, in its own name', () => {
    expect(() => watchDestinations({ apiKey: '' })).toThrow(/^watchDestinations: apiKey must be/);
    expect(() => watchDestinations({ apiKey: 'k', aliases: { a: 'no good' } })).toThrow(
      /^watchDestinations: aliases/,
    );
  });
});

async function listening(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers the challenge with which a destination is created. */
async function challengeServer(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    response.end(new URL(request.url ?? '/', 'http://x').searchParams.get('challenge') ?? '');
  });
  await listening(server);
  return {
    url: urlOf(server),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
