import Nylas6 from 'nylas6';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, type Simulator, startSimulator } from '../src/index.ts';
import { rejection } from './sdks.ts';

type Connection = ReturnType<typeof Nylas6.with>;
/** SDK 6 narrows its collections by credentials; these tests always have them. */
interface Managed {
  list(params?: object): Promise<ManagedAccount[]>;
  find(id: string): Promise<ManagedAccount>;
}
interface ManagedAccount {
  id: string;
  syncState: string;
  billingState: string;
  emailAddress: string;
  metadata?: object;
  downgrade(): Promise<{ success: boolean }>;
  upgrade(): Promise<{ success: boolean }>;
  revokeAll(keep: string): Promise<unknown>;
  tokenInfo(token: string): Promise<{ state: string }>;
  ipAddresses(): Promise<{ ipAddresses: string[] }>;
  save(): Promise<unknown>;
}

/** A new object of a collection; the SDK's own `build` is public in its documentation and protected in its types. */
function build<T>(collection: { find(id: string): Promise<T> }, fields: object): T {
  return (collection as unknown as { build(fields: object): T }).build(fields);
}

let simulator: Simulator;
let nylas: Connection;
let gmail: Account;
let office: Account;
const managed = (): Managed => Nylas6.accounts as unknown as Managed;

beforeAll(async () => {
  simulator = await startSimulator({
    accounts: 250,
    attachmentBytes: 100_000,
    limits: false,
    webhooks: { challenge: false },
  });
  Nylas6.config({
    clientId: simulator.clientId,
    clientSecret: simulator.clientSecret,
    apiServer: simulator.url,
  });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  [gmail, office] = simulator.accounts.list() as [Account, Account];
  nylas = Nylas6.with(gmail.accessToken);
});

describe('SDK 6', () => {
  it('reads the account of a token', async () => {
    const account = await nylas.account.get();
    expect(account).toMatchObject({
      emailAddress: gmail.email,
      syncState: 'running',
      organizationUnit: 'label',
    });
    expect(gmail.id).toMatch(/^[\da-z]{25}$/);
  });

  it('takes Basic and Bearer tokens, and refuses others in plain text', async () => {
    const get = (authorization?: string): Promise<Response> =>
      fetch(`${simulator.url}/account`, { headers: authorization === undefined ? {} : { authorization } });
    expect((await get(`Bearer ${gmail.accessToken}`)).status).toBe(200);
    expect((await get(`Basic ${btoa(`${gmail.accessToken}:`)}`)).status).toBe(200);
    const refused = await get();
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Basic realm="API Access Token Required"');
    expect(await refused.text()).toBe('Could not verify access credential.');
    expect(await rejection(Nylas6.with('wrong').account.get())).toMatchObject({ statusCode: 401 });
  });

  it('lists in chunks, counts, lists ids and finds several', async () => {
    const messages = await nylas.messages.list({});
    expect(messages).toHaveLength(120);
    expect(messages[0]).toMatchObject({ accountId: gmail.id, to: [{ email: gmail.email }] });
    expect(messages[0]?.labels?.[0]?.name).toBe('inbox');
    // Two chunks of 100: the second is not full, so it is the last.
    expect(simulator.requests.list().filter((one) => one.path === '/messages')).toHaveLength(2);
    expect(await nylas.messages.count({})).toBe(120);
    const ids = (await nylas.messages.list({ view: 'ids', limit: 3 })) as unknown as string[];
    expect(ids).toEqual(messages.slice(0, 3).map((one) => one.id));
    expect((await nylas.messages.findMultiple(ids)).map((one) => one.id)).toEqual(ids);
    const raw = await nylas.messages.findRaw(ids[0] as string);
    expect(raw).toContain('MIME-Version: 1.0');
  });

  it('searches and filters', async () => {
    const [first] = await nylas.messages.list({ limit: 1 });
    const found = await nylas.messages.search(first?.subject as string, { limit: 5 });
    expect(found.every((one) => one.subject === first?.subject)).toBe(true);
    const threads = await nylas.threads.list({ limit: 2, unread: true });
    expect(threads.every((one) => one.unread)).toBe(true);
  });

  it('changes messages and threads through jobs', async () => {
    const [message] = await nylas.messages.list({ limit: 1 });
    if (message === undefined) throw new Error('no message');
    message.starred = true;
    await message.save();
    expect((await nylas.messages.find(message.id as string)).starred).toBe(true);
    const jobs = await nylas.jobStatuses.list({});
    expect(jobs[0]).toMatchObject({ action: 'update_message', status: 'successful' });
  });

  it('sends JSON, raw and stored drafts', async () => {
    const draft = build(nylas.drafts, {
      subject: 'One',
      to: [{ email: 'ada@example.com' }] as never,
      body: 'Hi',
    });
    const sent = await draft.send();
    expect(sent.subject).toBe('One');
    const raw = build(nylas.drafts, { rawMime: 'Subject: Raw\r\nTo: <bob@example.com>\r\n\r\nHi' } as never);
    expect((await raw.send()).subject).toBe('Raw');
    const stored = build(nylas.drafts, { subject: 'Stored', to: [{ email: 'eve@example.com' }] as never });
    await stored.save();
    stored.subject = 'Stored twice';
    await stored.save();
    expect(stored.version).toBe(1);
    await stored.send();
    expect(simulator.sent.map((one) => [one.subject, one.recipients[0], one.accountId])).toEqual([
      ['One', 'ada@example.com', gmail.id],
      ['Raw', 'bob@example.com', gmail.id],
      ['Stored twice', 'eve@example.com', gmail.id],
    ]);
    expect(await rejection(build(nylas.drafts, { subject: 'Nobody' }).send())).toMatchObject({
      statusCode: 400,
    });
  });

  it('refuses an old version of a draft', async () => {
    const [draft] = await nylas.drafts.list({ limit: 1 });
    if (draft === undefined) throw new Error('no draft');
    draft.version = 7;
    expect(await rejection(draft.save())).toMatchObject({ statusCode: 409 });
  });

  it('has labels or folders, never both', async () => {
    const label = build(nylas.labels, { displayName: 'Kept' });
    await label.save();
    expect((await nylas.labels.list({})).map((one) => one.displayName)).toContain('Kept');
    expect(await rejection(nylas.folders.list({}))).toMatchObject({ statusCode: 404 });
    const folders = await Nylas6.with(office.accessToken).folders.list({});
    expect(folders.map((one) => one.name)).toContain('inbox');
  });

  it('uploads and downloads files', async () => {
    const file = build(nylas.files, { filename: 'a.txt', data: 'hello', contentType: 'text/plain' });
    await file.upload();
    expect((await nylas.files.find(file.id as string)).size).toBe(5);
    const [known] = await nylas.files.list({ limit: 1, filename: 'report-1.pdf' });
    const downloaded = (await known?.download()) as unknown as { body: Buffer; 'content-type': string };
    expect(downloaded.body.length).toBe(100_000);
    expect(downloaded['content-type']).toBe('application/pdf');
  });

  it('manages calendars, events and RSVPs', async () => {
    const [calendar] = await nylas.calendars.list({});
    const events = await nylas.events.list({ calendar_id: calendar?.id, limit: 5 });
    expect(events).toHaveLength(5);
    const event = build(nylas.events, {
      calendarId: calendar?.id as string,
      title: 'Lunch',
      when: { startTime: 1_767_225_600, endTime: 1_767_229_200 } as never,
    });
    await event.save();
    expect((await nylas.events.find(event.id as string)).title).toBe('Lunch');
    await event.rsvp('yes', 'gladly');
    expect((await nylas.events.find(event.id as string)).participants?.[0]).toMatchObject({ status: 'yes' });
    const span = { startTime: 1_767_225_600, endTime: 1_767_312_000, emails: [gmail.email] };
    const busy = await nylas.calendars.freeBusy(span as never);
    expect(busy[0]?.email).toBe(gmail.email);
    const free = await nylas.calendars.availability({
      emails: [gmail.email],
      duration: 30,
      interval: 30,
      startTime: 1_767_225_600,
      endTime: 1_767_312_000,
    });
    expect(free.timeSlots.length).toBeGreaterThan(0);
  });

  it('manages contacts', async () => {
    const contact = build(nylas.contacts, { givenName: 'New' });
    await contact.save();
    expect((await nylas.contacts.find(contact.id as string)).givenName).toBe('New');
    await nylas.contacts.delete(contact.id as string);
    expect(await rejection(nylas.contacts.find(contact.id as string))).toMatchObject({ statusCode: 404 });
    expect((await nylas.contacts.groups()).length).toBeGreaterThan(0);
  });

  it('follows deltas: cursor, since, long poll and stream', async () => {
    const cursor = await nylas.deltas.latestCursor(() => undefined);
    const empty = await nylas.deltas.since(cursor);
    expect(empty.cursorEnd).toBe(cursor);
    await build(nylas.contacts, { givenName: 'One' }).save();
    const since = await nylas.deltas.since(cursor);
    expect(since.deltas.map((one) => [one.object, one.event])).toEqual([['contact', 'create']]);

    const open = async (path: string): Promise<Response> =>
      fetch(`${simulator.url}${path}`, { headers: { authorization: `Bearer ${gmail.accessToken}` } });
    const waiting = open(`/delta/longpoll?cursor=${since.cursorEnd}&timeout=20`);
    await simulator.requests.waitFor((one) => one.path === '/delta/longpoll');
    await build(nylas.contacts, { givenName: 'Two' }).save();
    const polled = (await (await waiting).json()) as { deltas: { attributes: { given_name: string } }[] };
    expect(polled.deltas[0]?.attributes.given_name).toBe('Two');
    const timedOut = (await (
      await open(`/delta/longpoll?cursor=${cursor}&timeout=0&include_types=event`)
    ).json()) as {
      deltas: unknown[];
    };
    expect(timedOut.deltas).toEqual([]);

    const stream = await nylas.deltas.startStream(cursor);
    const deltas = await new Promise<string[]>((resolve) => {
      const seen: string[] = [];
      stream.on('delta', (delta: { attributes: { given_name: string } }) => {
        seen.push(delta.attributes.given_name);
        if (seen.length === 3) resolve(seen);
        else if (seen.length === 2) void build(nylas.contacts, { givenName: 'Three' }).save();
      });
    });
    stream.close();
    expect(deltas).toEqual(['One', 'Two', 'Three']);
    expect(await rejection(nylas.deltas.since('nonsense'))).toMatchObject({ statusCode: 400 });
  });

  it('manages accounts with the client secret', async () => {
    const accounts = await managed().list();
    expect(accounts.map((one) => one.id)).toEqual(simulator.accounts.list().map((one) => one.id));
    simulator.accounts.setState(gmail.id, 'invalid');
    const account = await managed().find(gmail.id);
    expect(account).toMatchObject({
      syncState: 'invalid-credentials',
      emailAddress: gmail.email,
      billingState: 'paid',
    });
    expect((await nylas.account.get()).syncState).toBe('invalid');
    expect((await account.ipAddresses()).ipAddresses.length).toBeGreaterThan(0);
    expect((await account.tokenInfo(gmail.accessToken)).state).toBe('valid');
    account.metadata = { team: 'a' };
    await account.save();
    expect(simulator.accounts.get(gmail.id)?.metadata).toEqual({ team: 'a' });
  });

  it('restarts a stopped account by downgrade and upgrade', async () => {
    simulator.accounts.setState(gmail.id, 'stopped');
    expect((await nylas.messages.list({ limit: 1 })).length).toBe(1);
    const write = await rejection(build(nylas.contacts, { givenName: 'x' }).save());
    expect(write).toMatchObject({ statusCode: 403, type: 'invalid_request_error' });
    expect(write.message).toContain('sync has been stopped');
    expect(await rejection(nylas.messages.search('x'))).toMatchObject({ statusCode: 403 });

    const account = await managed().find(gmail.id);
    expect(await account.downgrade()).toEqual({ success: true });
    expect(await rejection(nylas.account.get())).toMatchObject({ statusCode: 403 });
    expect(await account.upgrade()).toEqual({ success: true });
    expect(simulator.accounts.get(gmail.id)).toMatchObject({ syncState: 'stopped', billingState: 'paid' });
    await simulator.clock.advance(60_000);
    expect(simulator.accounts.get(gmail.id)).toMatchObject({ syncState: 'running' });
    await build(nylas.contacts, { givenName: 'x' }).save();
  });

  it('asks an invalid account to re-authenticate, and lets it', async () => {
    simulator.accounts.setState(gmail.id, 'invalid');
    const write = await rejection(build(nylas.drafts, { subject: 'x' }).save());
    expect(write).toMatchObject({ statusCode: 403 });
    expect(write.message).toContain('Please reauthenticate');

    const url = Nylas6.urlForAuthentication({
      redirectURI: 'https://app.example.com/back',
      loginHint: gmail.email,
    });
    const answer = await fetch(url, { redirect: 'manual' });
    const code = new URL(answer.headers.get('location') as string).searchParams.get('code') as string;
    const token = await Nylas6.exchangeCodeForToken(code);
    expect(token).toMatchObject({ accountId: gmail.id, emailAddress: gmail.email });
    expect(simulator.accounts.get(gmail.id)?.syncState).toBe('running');
    await (await managed().find(gmail.id)).revokeAll(token.accessToken);
    expect(await rejection(nylas.account.get())).toMatchObject({ statusCode: 401 });
    expect((await Nylas6.with(token.accessToken).account.get()).id).toBe(gmail.id);
    await Nylas6.revoke(token.accessToken);
    expect(await rejection(Nylas6.with(token.accessToken).account.get())).toMatchObject({ statusCode: 401 });
    expect((await rejection(Nylas6.exchangeCodeForToken(code))).message).toContain('No access token');
  });

  it('manages webhooks and the application', async () => {
    const webhook = Nylas6.webhooks.build({
      callbackUrl: 'https://app.example.com/hook',
      state: 'active',
      triggers: ['account.stopped'],
    });
    await webhook.save();
    expect((await Nylas6.webhooks.list({})).map((one) => one.callbackUrl)).toEqual([
      'https://app.example.com/hook',
    ]);
    const [known] = await Nylas6.webhooks.list({});
    if (known === undefined) throw new Error('no webhook');
    known.state = 'inactive';
    await known.save();
    expect((await Nylas6.webhooks.find(known.id as string)).state).toBe('inactive');
    const application = await Nylas6.application({ applicationName: 'Renamed' });
    expect(application.applicationName).toBe('Renamed');
  });

  it('says which limit was hit', async () => {
    simulator.faults.add({ fault: 'rate_limit_nylas', route: '/messages', times: 1 });
    const error = await rejection(nylas.messages.list({ limit: 1 }));
    expect(error).toMatchObject({ statusCode: 429, rateLimit: 50, rateLimitReset: 1 });
  });
});

it('had no defect', () => {
  expect(simulator.defects).toEqual([]);
});
