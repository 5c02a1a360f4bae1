import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWebhookReceiver, type Inbox, type MemoryInbox, memoryInbox } from '../src/index.ts';
import { HOSTS } from './hosts/all-hosts.ts';
import type { Host } from './hosts/host.ts';
import { type Answer, send } from './hosts/send.ts';
import { bodyOf, loadVectors, SECRET, VECTOR_FILES, type Vector } from './vectors/load-vectors.ts';

/** An inbox that notes what it takes, and fails on demand. */
class NotedInbox implements Inbox {
  readonly #memory: MemoryInbox = memoryInbox({ maxQueued: 100_000 });
  fails = false;
  accepted: string[] = [];
  quarantined = 0;

  accept(...[events]: Parameters<Inbox['accept']>): ReturnType<Inbox['accept']> {
    if (this.fails) throw new Error('the store is down');
    const verdicts = this.#memory.accept(events, { signal: new AbortController().signal });
    this.accepted.push(
      ...events.filter((_, index) => verdicts[index] === 'accepted').map(({ type }) => type),
    );
    return verdicts;
  }

  async quarantine(...[delivery]: Parameters<Inbox['quarantine']>): Promise<void> {
    if (this.fails) throw new Error('the store is down');
    await this.#memory.quarantine(delivery, { signal: new AbortController().signal });
    this.quarantined++;
  }

  close(): Promise<void> {
    return this.#memory.close();
  }
}

const METHODS_OF_FRAMEWORKS = new Set(['Next.js route handlers']);

describe.each(HOSTS)('a receiver in %s', (name, start) => {
  const inbox = new NotedInbox();
  const receiver = createWebhookReceiver({ secret: ['older secret', SECRET], inbox });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let host: Host;

  beforeAll(async () => {
    host = await start(receiver);
  });
  afterAll(async () => {
    agent.destroy();
    await host.close();
    await receiver.close();
    await inbox.close();
  });

  it.each(VECTOR_FILES)('does what the vectors say: %s', async (file) => {
    const seen: unknown[] = [];
    const wanted: unknown[] = [];
    for (const vector of loadVectors(file)) {
      seen.push({ name: vector.name, ...(await observe(vector)) });
      wanted.push({ name: vector.name, ...expectation(vector) });
      if (vector.expect.accepted !== undefined) {
        const again = await observe(vector);
        expect({ name: vector.name, ...again }).toMatchObject({ status: 200, accepted: [] });
      }
    }
    expect(seen).toEqual(wanted);
  });

  async function observe(vector: Vector) {
    inbox.fails = vector.inbox === 'fails';
    inbox.accepted = [];
    inbox.quarantined = 0;
    const answer = await send(host.port, {
      method: vector.method ?? 'POST',
      query: vector.query,
      headers: {
        ...vector.headers,
        ...(vector.signature === undefined ? {} : { 'x-nylas-signature': vector.signature }),
      },
      body: bodyOf(vector),
      agent,
    });
    return {
      status: answer.status,
      ...(vector.expect.body === undefined ? {} : { body: answer.body }),
      accepted: inbox.accepted,
      quarantined: inbox.quarantined,
      form: formOf(answer, vector),
    };
  }

  /** What every answer of ours has, whatever the framework likes to add. */
  function formOf({ status, headers, body }: Answer, vector: Vector) {
    if (status === 405 && METHODS_OF_FRAMEWORKS.has(name)) return formExpected(vector);
    return {
      length: headers['content-length'] === String(Buffer.byteLength(body)),
      chunked: headers['transfer-encoding'] !== undefined,
      retryAfter: headers['retry-after'],
      // Of what is not there nothing has to be said, though some frameworks do.
      ...(body === ''
        ? { type: undefined, sniffing: undefined }
        : { type: headers['content-type'], sniffing: headers['x-content-type-options'] }),
    };
  }

  function formExpected({ expect: { status, body } }: Vector) {
    return {
      length: true,
      chunked: false,
      retryAfter: status === 503 ? '10' : undefined,
      ...(status === 200 && (body ?? '') === ''
        ? { type: undefined, sniffing: undefined }
        : { type: 'text/plain; charset=utf-8', sniffing: 'nosniff' }),
    };
  }

  function expectation(vector: Vector) {
    const { status, body, accepted, quarantined } = vector.expect;
    return {
      status,
      ...(body === undefined ? {} : { body }),
      accepted: accepted ?? [],
      quarantined: quarantined ?? 0,
      form: formExpected(vector),
    };
  }
});
