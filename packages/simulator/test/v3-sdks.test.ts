import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Grant, type Simulator, startSimulator } from '../src/index.ts';
import { type NylasClient, rejection, V3_SDKS } from './sdks.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ grants: 4, attachmentBytes: 300_000, limits: false });
});
afterAll(() => simulator.close());

describe.each(V3_SDKS)('%s', (_name, Nylas) => {
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
    const large = await nylas.messages.send({
      identifier: google.id,
      requestBody: {
        to: [{ email: 'ada@example.com' }],
        subject: 'Large',
        attachments: [
          { filename: 'a.bin', contentType: 'application/octet-stream', content, size: content.length },
        ],
      },
    });
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

  it('manages calendars; the primary one is the address', async () => {
    const identifier = google.id;
    const { data } = await nylas.calendars.list({ identifier });
    expect(data[0]).toMatchObject({ id: google.email, isPrimary: true });
    const found = await nylas.calendars.find({ identifier, calendarId: google.email });
    expect(found.data.isOwnedByUser).toBe(true);
    const created = await nylas.calendars.create({
      identifier,
      requestBody: { name: 'Team', timezone: 'UTC' },
    });
    const calendarId = created.data.id;
    await nylas.calendars.update({ identifier, calendarId, requestBody: { name: 'All' } });
    expect((await nylas.calendars.find({ identifier, calendarId })).data.name).toBe('All');
    await nylas.calendars.destroy({ identifier, calendarId });
    expect((await nylas.calendars.list({ identifier })).data).toHaveLength(2);
  });

  it('answers free-busy with an error per address, and availability', async () => {
    const span = { startTime: 1_767_225_600, endTime: 1_767_312_000 };
    const busy = await nylas.calendars.getFreeBusy({
      identifier: google.id,
      requestBody: { ...span, emails: [google.email, 'nobody@elsewhere.invalid'] },
    });
    expect(busy.data.map((one) => one.object)).toEqual(['free_busy', 'error']);
    const free = await nylas.calendars.getAvailability({
      requestBody: { ...span, durationMinutes: 30, participants: [{ email: google.email }] },
    });
    expect(free.data.order).toEqual([google.email]);
    expect(free.data.timeSlots.length).toBeGreaterThan(0);
  });

  it('manages events of a calendar', async () => {
    const identifier = google.id;
    const queryParams = { calendarId: google.email };
    const { data } = await nylas.events.list({ identifier, queryParams: { ...queryParams, limit: 200 } });
    expect(data).toHaveLength(40);
    expect(new Set(data.map((one) => one.calendarId))).toEqual(new Set([google.email]));
    const created = await nylas.events.create({
      identifier,
      queryParams,
      requestBody: { title: 'Lunch', when: { startTime: 1_767_225_600, endTime: 1_767_229_200 } },
    });
    expect(created.data.when).toMatchObject({ object: 'timespan' });
    const eventId = created.data.id;
    await nylas.events.update({ identifier, eventId, queryParams, requestBody: { title: 'Late lunch' } });
    expect((await nylas.events.find({ identifier, eventId, queryParams })).data.title).toBe('Late lunch');
    await nylas.events.sendRsvp({ identifier, eventId, queryParams, requestBody: { status: 'yes' } });
    const answered = await nylas.events.find({ identifier, eventId, queryParams });
    expect(answered.data.participants[0]).toMatchObject({ email: google.email, status: 'yes' });
    await nylas.events.destroy({ identifier, eventId, queryParams });
    expect((await rejection(nylas.events.find({ identifier, eventId, queryParams }))).statusCode).toBe(404);
    const imported = await nylas.events.listImportEvents({ identifier, queryParams });
    expect(imported.data.length).toBeGreaterThan(0);
    const without = nylas.events.list({ identifier, queryParams: {} as { calendarId: string } });
    expect((await rejection(without)).statusCode).toBe(400);
  });

  it('manages contacts and lists groups', async () => {
    const identifier = google.id;
    const { data } = await nylas.contacts.list({ identifier, queryParams: { limit: 5 } });
    expect(data).toHaveLength(5);
    const emails = [{ email: 'new@example.com', type: 'work' }];
    const created = await nylas.contacts.create({ identifier, requestBody: { givenName: 'New', emails } });
    const contactId = created.data.id;
    await nylas.contacts.update({ identifier, contactId, requestBody: { nickname: 'N' } });
    const byEmail = await nylas.contacts.list({ identifier, queryParams: { email: 'new@example.com' } });
    expect(byEmail.data.map((one) => one.nickname)).toEqual(['N']);
    await nylas.contacts.destroy({ identifier, contactId });
    expect((await nylas.contacts.groups({ identifier })).data.length).toBeGreaterThan(0);
  });

  it('lists, filters, changes and deletes grants', async () => {
    simulator.grants.setStatus(microsoft.id, 'invalid');
    const all = await nylas.grants.list();
    expect(all.data).toHaveLength(4);
    const invalid = await nylas.grants.list({ queryParams: { grantStatus: 'invalid' } });
    expect(invalid.data.map((one) => one.id)).toEqual([microsoft.id]);
    const updated = await nylas.grants.update({ grantId: google.id, requestBody: { scope: ['one'] } });
    expect(updated.data.scope).toEqual(['one']);
    expect((await nylas.grants.find({ grantId: google.id })).data).toMatchObject({
      grantStatus: 'valid',
      email: google.email,
    });
    await nylas.grants.destroy({ grantId: google.id });
    expect((await rejection(nylas.grants.find({ grantId: google.id }))).statusCode).toBe(404);
    expect(simulator.grants.counts()).toMatchObject({ total: 3, byStatus: { valid: 2, invalid: 1 } });
  });

  it('refuses data of invalid, blocked and unknown grants', async () => {
    simulator.grants.setStatus(google.id, 'invalid');
    simulator.grants.setBlocked(microsoft.id, true);
    const invalid = await rejection(nylas.messages.list({ identifier: google.id }));
    expect(invalid).toMatchObject({ statusCode: 401, type: 'unauthorized' });
    const blocked = await rejection(nylas.messages.list({ identifier: microsoft.id }));
    expect(blocked).toMatchObject({ statusCode: 423, type: 'api.resource_blocked' });
    const unknown = await rejection(
      nylas.messages.list({ identifier: '00000000-0000-4000-8000-000000000000' }),
    );
    expect(unknown).toMatchObject({ statusCode: 404, type: 'grant.not_found' });
    expect((await nylas.grants.find({ grantId: google.id })).data.grantStatus).toBe('invalid');
  });

  it('refuses a wrong key with an error of the SDK', async () => {
    const stranger = new Nylas({ apiKey: 'wrong', apiUri: simulator.url });
    const error = await rejection(stranger.grants.list());
    expect(error.constructor.name).toBe('NylasApiError');
    expect(error).toMatchObject({ statusCode: 401, type: 'token.unauthorized_access' });
    expect(error.requestId).toBe(simulator.requests.list().at(-1)?.requestId);
    expect(error.flowId).toBeTypeOf('string');
  });

  it('shows the application, redirect URIs, connectors and credentials', async () => {
    expect((await nylas.applications.getDetails()).data).toMatchObject({
      applicationId: simulator.clientId,
      region: 'us',
    });
    const { redirectUris } = nylas.applications;
    const created = await redirectUris.create({
      requestBody: { url: 'https://app.example.com/back', platform: 'web' },
    });
    const redirectUriId = created.data.id;
    await redirectUris.update({
      redirectUriId,
      requestBody: { url: 'https://app.example.com/again', platform: 'web' },
    });
    expect((await redirectUris.list()).data.map((one) => one.url)).toEqual(['https://app.example.com/again']);
    await redirectUris.destroy({ redirectUriId });

    expect((await nylas.connectors.list({})).data.map((one) => one.provider)).toEqual([
      'google',
      'microsoft',
      'imap',
    ]);
    const credential = await nylas.connectors.credentials.create({
      provider: 'google',
      requestBody: {
        name: 'mine',
        credentialType: 'connector' as never,
        credentialData: { a: 'b' } as never,
      },
    });
    expect(credential.data).not.toHaveProperty('credentialData');
    expect((await nylas.connectors.credentials.list({ provider: 'google' })).data).toHaveLength(1);
    expect((await nylas.connectors.credentials.list({ provider: 'microsoft' })).data).toHaveLength(0);
  });

  it('manages webhooks; their errors are numbered and 400', async () => {
    const created = await nylas.webhooks.create({
      requestBody: { triggerTypes: ['message.created' as never], webhookUrl: 'https://app.example.com/hook' },
    });
    expect(created.data.webhookSecret).toBeTypeOf('string');
    const webhookId = created.data.id;
    expect((await nylas.webhooks.find({ webhookId })).data).not.toHaveProperty('webhookSecret');
    const paused = await nylas.webhooks.update({ webhookId, requestBody: { status: 'pause' } as never });
    expect(paused.data.status).toBe('pause');
    const rotated = await nylas.webhooks.rotateSecret({ webhookId });
    expect(rotated.data.webhookSecret).not.toBe(created.data.webhookSecret);
    expect((await nylas.webhooks.list()).data).toHaveLength(1);
    expect((await nylas.webhooks.ipAddresses()).data.ipAddresses.length).toBeGreaterThan(0);
    expect((await nylas.webhooks.destroy({ webhookId })).data?.status).toBe('success');
    const missing = await rejection(nylas.webhooks.find({ webhookId }));
    expect(missing).toMatchObject({ statusCode: 400, type: '70000' });
    const incomplete = await rejection(nylas.webhooks.create({ requestBody: {} as never }));
    expect(incomplete).toMatchObject({ statusCode: 400, type: '70001' });
    const unverified = await rejection(
      nylas.webhooks.create({
        requestBody: { triggerTypes: ['message.created' as never], webhookUrl: 'nowhere' },
      }),
    );
    expect(unverified).toMatchObject({ statusCode: 400, type: '70005' });
  });

  it('runs hosted authentication with PKCE, refresh, token info and revocation', async () => {
    simulator.grants.setStatus(google.id, 'invalid');
    const { url, secret } = nylas.auth.urlForOAuth2PKCE({
      clientId: simulator.clientId,
      redirectUri: 'https://app.example.com/back',
      loginHint: google.email,
      accessType: 'offline',
      state: 'mine',
    });
    const answer = await fetch(url, { redirect: 'manual' });
    const back = new URL(answer.headers.get('location') as string);
    expect(back.searchParams.get('state')).toBe('mine');
    const exchange = (codeVerifier: string, code = back.searchParams.get('code') as string) =>
      nylas.auth.exchangeCodeForToken({
        clientId: simulator.clientId,
        redirectUri: 'https://app.example.com/back',
        code,
        codeVerifier,
      });
    const tokens = await exchange(secret);
    expect(tokens).toMatchObject({ grantId: google.id, email: google.email, expiresIn: 3600 });
    expect(simulator.grants.get(google.id)?.status).toBe('valid');
    const again = await rejection(exchange(secret));
    expect(again.constructor.name).toBe('NylasOAuthError');
    expect(again).toMatchObject({ statusCode: 400, error: 'invalid_grant' });

    const refreshed = await nylas.auth.refreshAccessToken({
      clientId: simulator.clientId,
      redirectUri: 'https://app.example.com/back',
      refreshToken: tokens.refreshToken as string,
    });
    expect(refreshed.grantId).toBe(google.id);
    expect((await nylas.auth.accessTokenInfo(tokens.accessToken)).data.sub).toBe(google.id);
    expect((await nylas.auth.idTokenInfo(tokens.idToken as string)).data.email).toBe(google.email);
    expect(await nylas.auth.revoke(tokens.accessToken)).toBe(true);
    const revoked = new Nylas({ apiKey: tokens.accessToken, apiUri: simulator.url });
    expect((await rejection(revoked.messages.list({ identifier: 'me' }))).statusCode).toBe(401);
  });

  it('re-authenticates a known address by custom authentication, keeping the grant', async () => {
    simulator.grants.setStatus(google.id, 'invalid');
    const again = await nylas.auth.customAuthentication({
      requestBody: { provider: 'google', settings: { email: google.email, refreshToken: 'r' } },
    });
    expect(again.data).toMatchObject({ id: google.id, grantStatus: 'valid' });
    const created = await nylas.auth.customAuthentication({
      requestBody: { provider: 'imap', settings: { imapUsername: 'new@example.net', imapPassword: 'p' } },
    });
    expect(created.data).toMatchObject({ email: 'new@example.net', provider: 'imap' });
    const detected = await nylas.auth.detectProvider({ email: 'someone@gmail.com' });
    expect(detected.data).toMatchObject({ detected: true, provider: 'google' });
  });

  it('manages notetakers and scheduler configurations', async () => {
    const identifier = google.id;
    const invited = await nylas.notetakers.create({
      identifier,
      requestBody: { meetingLink: 'https://meet.example.com/abc' },
    });
    expect(invited.data.state).toBe('scheduled');
    expect((await nylas.notetakers.list({ identifier })).data).toHaveLength(1);
    expect((await nylas.notetakers.list({})).data).toHaveLength(0);
    await nylas.notetakers.cancel({ identifier, notetakerId: invited.data.id });
    const requestBody = {
      participants: [],
      availability: { durationMinutes: 30 },
      eventBooking: { title: 'Call' },
    };
    const configuration = await nylas.scheduler.configurations.create({ identifier, requestBody });
    const configurationId = (configuration.data as { id?: string }).id as string;
    const found = await nylas.scheduler.configurations.find({ identifier, configurationId });
    expect(found.data).toMatchObject({ id: configurationId, eventBooking: { title: 'Call' } });
    expect((await nylas.scheduler.configurations.list({ identifier })).data).toHaveLength(1);
    const { sessionId } = (await nylas.scheduler.sessions.create({ requestBody: { configurationId } })).data;
    const visitor = new Nylas({ apiKey: sessionId, apiUri: simulator.url });
    const booked = await visitor.scheduler.bookings.create({
      queryParams: { configurationId },
      requestBody: { startTime: 1, endTime: 2, guest: { email: 'g@example.com', name: 'G' } },
    });
    expect(booked.data.status).toBe('booked');
    expect((await rejection(visitor.grants.list())).statusCode).toBe(401);
  });
});

it('had no defect', () => {
  expect(simulator.defects).toEqual([]);
});
