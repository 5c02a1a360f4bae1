import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Grant, type Simulator, startSimulator } from '../src/index.ts';
import { type NylasClient, rejection, V3_SDKS } from './sdks.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ grants: 4, attachmentBytes: 300_000, limits: false });
});
afterAll(() => simulator.close());

// SDK 7 as CommonJS hands its own FormData to the global fetch; from Node 22 on that is sent as `[object FormData]`.
const cannotSendForms = (name: string): boolean =>
  name === 'SDK 7, CommonJS' && Number(process.versions.node.split('.')[0]) >= 22;

describe.each(V3_SDKS)('%s', (name, Nylas) => {
  let nylas: NylasClient;
  let google: Grant;
  let microsoft: Grant;
  beforeEach(() => {
    simulator.reset();
    nylas = new Nylas({ apiKey: simulator.apiKey, apiUri: simulator.url, timeout: 10 });
    [google, microsoft] = simulator.grants.list() as [Grant, Grant];
  });

  it('lists, filters and pages messages', async () => {
    const first = await nylas.messages.list({ identifier: google.id, queryParams: { limit: 50 } });
    expect(first.data).toHaveLength(50);
    expect(first.nextCursor).toBeTypeOf('string');
    expect(first.requestId).toMatch(/^\d{10}-[\da-f-]{36}$/);
    expect(first.data[0]).toMatchObject({
      object: 'message',
      grantId: google.id,
      to: [{ email: google.email }],
    });

    const seen = new Set<string>();
    for await (const page of nylas.messages.list({ identifier: google.id })) {
      for (const message of page.data) seen.add(message.id);
    }
    expect(seen.size).toBe(120);

    const middle = first.data[24];
    const after = await nylas.messages.list({
      identifier: google.id,
      queryParams: { receivedAfter: middle?.date as number },
    });
    expect(after.data.map((one) => one.id)).toEqual(first.data.slice(0, 24).map((one) => one.id));
    const unread = await nylas.messages.list({
      identifier: google.id,
      queryParams: { unread: true, limit: 10 },
    });
    expect(unread.data.every((one) => one.unread)).toBe(true);
  });

  it('finds, updates and deletes a message, whatever its id looks like', async () => {
    const { data } = await nylas.messages.list({ identifier: microsoft.email, queryParams: { limit: 1 } });
    const messageId = data[0]?.id as string;
    expect(messageId.endsWith('==')).toBe(true);
    const at = { identifier: microsoft.id, messageId };
    const changed = await nylas.messages.update({ ...at, requestBody: { starred: true, unread: false } });
    expect(changed.data).toMatchObject({ id: messageId, starred: true, unread: false });
    expect((await nylas.messages.find(at)).data.starred).toBe(true);
    expect((await nylas.messages.destroy(at)).requestId).toBeTypeOf('string');
    const error = await rejection(nylas.messages.find(at));
    expect(error).toMatchObject({ statusCode: 404, type: 'not_found_error' });
    expect(error.requestId).toBe(simulator.requests.list().at(-1)?.requestId);
  });

  it('understands every way to name a grant', async () => {
    for (const identifier of [google.id, `grant:${google.id}`, google.email, `email:${google.email}`]) {
      const { data } = await nylas.messages.list({ identifier, queryParams: { limit: 1 } });
      expect(data[0]?.grantId).toBe(google.id);
    }
    const mine = new Nylas({ apiKey: simulator.grants.accessToken(google.id), apiUri: simulator.url });
    const { data } = await mine.messages.list({ identifier: 'me', queryParams: { limit: 1 } });
    expect(data[0]?.grantId).toBe(google.id);
    const others = await rejection(mine.messages.list({ identifier: microsoft.id }));
    expect(others.statusCode).toBe(401);
  });

  it('sends JSON and multipart mail, and files it under sent', async () => {
    const small = await nylas.messages.send({
      identifier: google.id,
      requestBody: { to: [{ email: 'ada@example.com' }], subject: 'Small', body: 'Hello' },
    });
    expect(small.data).toMatchObject({ subject: 'Small', folders: ['SENT'], grantId: google.id });
    const content = Buffer.alloc(3 * 1024 * 1024 + 1, 'a');
    const sending = nylas.messages.send({
      identifier: google.id,
      requestBody: {
        to: [{ email: 'ada@example.com' }],
        subject: 'Large',
        attachments: [
          { filename: 'a.bin', contentType: 'application/octet-stream', content, size: content.length },
        ],
      },
    });
    if (cannotSendForms(name)) {
      await expect(sending).rejects.toMatchObject({ statusCode: 400 });
      return;
    }
    const large = await sending;
    expect(large.data.attachments?.[0]).toMatchObject({ filename: 'a.bin', size: content.length });
    expect(simulator.sent.map((one) => [one.subject, one.multipart, one.messageId])).toEqual([
      ['Small', false, small.data.id],
      ['Large', true, large.data.id],
    ]);
    const found = await nylas.messages.find({ identifier: google.id, messageId: small.data.id });
    expect(found.data.subject).toBe('Small');
  });

  it('schedules, lists and stops a send', async () => {
    const sendAt = Math.floor(Date.now() / 1000) + 3600;
    const scheduled = await nylas.messages.send({
      identifier: google.id,
      requestBody: { to: [{ email: 'ada@example.com' }], subject: 'Later', sendAt },
    });
    const scheduleId = (scheduled.data as { scheduleId?: string }).scheduleId as string;
    expect(simulator.requests.list().at(-1)?.status).toBe(202);
    expect(simulator.sent).toHaveLength(0);
    // The list is a bare array, which the SDKs spread into numbered keys.
    const list = (await nylas.messages.listScheduledMessages({ identifier: google.id })) as unknown as Record<
      string,
      { scheduleId: string }
    >;
    expect(list['0']?.scheduleId).toBe(scheduleId);
    const one = await nylas.messages.findScheduledMessage({ identifier: google.id, scheduleId });
    expect(one.data).toMatchObject({ scheduleId, status: { code: 'pending' }, closeTime: sendAt });
    const stopped = await nylas.messages.stopScheduledMessage({ identifier: google.id, scheduleId });
    expect(stopped.data.message).toBe('requested cancelation for workflow');
  });

  it('cleans messages and composes', async () => {
    const { data } = await nylas.messages.list({ identifier: google.id, queryParams: { limit: 2 } });
    const messageId = data.map((one) => one.id);
    const cleaned = await nylas.messages.cleanMessages({ identifier: google.id, requestBody: { messageId } });
    expect(cleaned.data).toHaveLength(2);
    expect(cleaned.data[0]?.conversation).not.toContain('<p>');
    const composed = await nylas.messages.smartCompose.composeMessage({
      identifier: google.id,
      requestBody: { prompt: 'Say yes' },
    });
    expect(composed.data.suggestion).toBeTypeOf('string');
  });

  it('reads threads with their messages', async () => {
    const { data } = await nylas.threads.list({ identifier: google.id, queryParams: { limit: 3 } });
    expect(data).toHaveLength(3);
    const thread = await nylas.threads.find({ identifier: google.id, threadId: data[0]?.id as string });
    const messageId = thread.data.messageIds?.[0] as string;
    const message = await nylas.messages.find({ identifier: google.id, messageId });
    expect(message.data.threadId).toBe(thread.data.id);
    expect(message.data.subject).toBe(thread.data.subject);
  });

  it('creates, changes and sends a draft', async () => {
    const identifier = google.id;
    const created = await nylas.drafts.create({
      identifier,
      requestBody: { to: [], subject: 'One', body: 'x' },
    });
    const draftId = created.data.id;
    const empty = await rejection(nylas.drafts.send({ identifier, draftId }));
    expect(empty.statusCode).toBe(400);
    await nylas.drafts.update({ identifier, draftId, requestBody: { to: [{ email: 'ada@example.com' }] } });
    const sent = await nylas.drafts.send({ identifier, draftId });
    expect(sent.data.subject).toBe('One');
    expect(simulator.sent.map((one) => one.recipients)).toEqual([['ada@example.com']]);
    expect((await rejection(nylas.drafts.find({ identifier, draftId }))).statusCode).toBe(404);
    expect((await nylas.drafts.list({ identifier })).data).toHaveLength(5);
  });

  it('manages folders', async () => {
    const identifier = microsoft.id;
    const { data } = await nylas.folders.list({ identifier });
    expect(data.map((one) => one.name)).toContain('Inbox');
    const created = await nylas.folders.create({ identifier, requestBody: { name: 'Kept' } });
    const folderId = created.data.id;
    const renamed = await nylas.folders.update({ identifier, folderId, requestBody: { name: 'Kept well' } });
    expect(renamed.data.name).toBe('Kept well');
    await nylas.folders.destroy({ identifier, folderId });
    expect((await nylas.folders.list({ identifier })).data).toHaveLength(data.length);
  });

  it('describes and streams attachments', async () => {
    const identifier = google.id;
    const { data } = await nylas.messages.list({
      identifier,
      queryParams: { hasAttachment: true, limit: 1 },
    });
    const attachmentId = data[0]?.attachments?.[0]?.id as string;
    const at = { identifier, attachmentId, queryParams: { messageId: data[0]?.id as string } };
    expect((await nylas.attachments.find(at)).data).toMatchObject({
      size: 300_000,
      contentType: 'application/pdf',
    });
    // A web stream or a Node stream, as the SDK's transport has it; SDK 7's `downloadBytes` is broken in CommonJS.
    let bytes = 0;
    const stream = (await nylas.attachments.download(at)) as unknown as AsyncIterable<Uint8Array>;
    for await (const chunk of stream) bytes += chunk.length;
    expect(bytes).toBe(300_000);
    const withoutMessage = { ...at, queryParams: { messageId: '' } };
    expect((await rejection(nylas.attachments.find(withoutMessage))).statusCode).toBe(400);
  });
});

it('had no defect', () => {
  expect(simulator.defects).toEqual([]);
});
