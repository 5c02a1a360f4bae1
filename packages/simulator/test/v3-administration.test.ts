import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Grant, type Simulator, startSimulator } from '../src/index.ts';
import { type NylasClient, rejection, V3_SDKS } from './sdks.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    grants: 4,
    attachmentBytes: 300_000,
    limits: false,
    webhooks: { challenge: false },
  });
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
    const login = async (): Promise<string> => {
      const answer = await fetch(url, { redirect: 'manual' });
      const back = new URL(answer.headers.get('location') as string);
      expect(back.searchParams.get('state')).toBe('mine');
      return back.searchParams.get('code') as string;
    };
    const exchange = (codeVerifier: string, code: string) =>
      nylas.auth.exchangeCodeForToken({
        clientId: simulator.clientId,
        redirectUri: 'https://app.example.com/back',
        code,
        codeVerifier,
      });
    const stolen = await rejection(exchange('not the verifier', await login()));
    expect(stolen).toMatchObject({ statusCode: 400, error: 'invalid_grant' });
    expect(simulator.grants.get(google.id)?.status).toBe('invalid');
    const code = await login();
    const tokens = await exchange(secret, code);
    expect(tokens).toMatchObject({ grantId: google.id, email: google.email, expiresIn: 3600 });
    expect(simulator.grants.get(google.id)?.status).toBe('valid');
    const again = await rejection(exchange(secret, code));
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
