import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, constants, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { nylasWebhooks } from '../adapters/node-http.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { memoryInbox } from '../inbox/memory-inbox.ts';
import { signWebhook } from '../signature/sign-webhook.ts';
import { mockNotification } from '../testing/mock-notification.ts';
import type { WebhookRequest, WebhookResponse } from './exchange.ts';
import { createWebhookReceiver } from './receiver.ts';

const SECRET = 'receiver-secret';
const BODY = Buffer.from(JSON.stringify(mockNotification('message.created')));

function delivery(readBody: WebhookRequest['readBody']): WebhookRequest {
  const signature = signWebhook(BODY, SECRET);
  return {
    method: 'POST',
    query: '',
    header: (name) => (name === 'x-nylas-signature' ? signature : undefined),
    readBody,
  };
}

describe('a receiver that calls back', () => {
  const inbox = memoryInbox();
  const receiver = createWebhookReceiver({ secret: SECRET, inbox });
  const answersTo = (readBody: WebhookRequest['readBody']): WebhookResponse[] => {
    const answers: WebhookResponse[] = [];
    receiver.deliver(delivery(readBody), (answer) => answers.push(answer));
    return answers;
  };

  it('answers at once where nothing has to be waited for', () => {
    expect(answersTo((_limits, done) => done(BODY))).toEqual([
      { status: 200, headers: { 'content-length': '0' }, body: '' },
    ]);
  });

  it('hears a reader once, whatever it tells afterwards', () => {
    const twice = answersTo((_limits, done, failed) => {
      done(BODY);
      done(BODY);
      failed(new Error('late'));
    });
    const failedFirst = answersTo((_limits, done, failed) => {
      failed(new Error('gone'));
      done(BODY);
    });
    expect([twice, failedFirst].map((answers) => answers.map(({ status }) => status))).toEqual([
      [200],
      [503],
    ]);
    expect(receiver.stats().inFlight).toEqual({ deliveries: 0, bytes: 0 });
  });

  it('answers 503 for a reader that throws', () => {
    const answers = answersTo(() => {
      throw new Error('a mistake of an adapter');
    });
    expect(answers.map(({ status }) => status)).toEqual([503]);
    expect(receiver.stats().inFlight).toEqual({ deliveries: 0, bytes: 0 });
  });
});

describe('the context of a delivery', () => {
  it('is the one of the handler that gave it, at an inbox that answers at once and at one that waits', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const inbox = (later: boolean): Inbox => ({
      accept(events) {
        seen.push(storage.getStore());
        const verdicts = events.map(() => 'accepted' as const);
        return later ? Promise.resolve(verdicts) : verdicts;
      },
      quarantine: vi.fn(async () => {
        seen.push(storage.getStore());
      }),
    });
    for (const later of [false, true]) {
      const handle = nylasWebhooks({ secret: SECRET, inbox: inbox(later) });
      const server = createServer((request, response) =>
        storage.run(`request ${request.headers['x-number'] as string}`, () => handle(request, response)),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const send = async (number: string, body: Buffer) =>
        (
          await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
            method: 'POST',
            headers: { 'x-nylas-signature': signWebhook(body, SECRET), 'x-number': number },
            body: new Uint8Array(body),
          })
        ).status;
      expect(await send('1', BODY)).toBe(200);
      expect(await send('2', Buffer.from('not json'))).toBe(200);
    }
    expect(seen).toEqual(['request 1', 'request 2', 'request 1', 'request 2']);
  });
});

describe('a receiver behind HTTP/2', () => {
  it('answers, and lets a sender go that went away in the middle of its body', async () => {
    const handle = nylasWebhooks({ secret: SECRET, inbox: memoryInbox() });
    const server = createHttp2Server((request, response) =>
      handle(request as unknown as IncomingMessage, response as unknown as ServerResponse),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const open = () =>
      client.request({ ':method': 'POST', ':path': '/', 'x-nylas-signature': signWebhook(BODY, SECRET) });

    const whole = open();
    whole.end(BODY);
    const [headers] = (await once(whole, 'response')) as [{ ':status': number }];
    expect(headers[':status']).toBe(200);

    const cut = open();
    cut.write(BODY.subarray(0, 10));
    await vi.waitFor(() => expect(handle.receiver.stats().inFlight.bytes).toBe(10));
    cut.close(constants.NGHTTP2_CANCEL);
    await vi.waitFor(() => expect(handle.receiver.stats().inFlight).toEqual({ deliveries: 0, bytes: 0 }));
  });
});
