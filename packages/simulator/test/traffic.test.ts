import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, type Change, type Grant, type Simulator, startSimulator } from '../src/index.ts';

const HOUR = 3_600_000;
let simulator: Simulator;
let grant: Grant;
let account: Account;
beforeAll(async () => {
  simulator = await startSimulator({ clock: { scale: 0 }, limits: false, compress: false });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  grant = simulator.grants.list()[0] as Grant;
  account = simulator.accounts.list()[0] as Account;
});

type Json = Record<string, unknown>;
async function v3(path: string, id = grant.id): Promise<Json[]> {
  const response = await fetch(`${simulator.url}/v3/grants/${id}/${path}`, {
    headers: { authorization: `Bearer ${simulator.apiKey}` },
  });
  return ((await response.json()) as { data: Json[] }).data;
}
async function v2<T = Json[]>(path: string, method = 'GET', body?: object): Promise<T> {
  const response = await fetch(simulator.url + path, {
    method,
    headers: { authorization: `Bearer ${account.accessToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
}
const classes = (changes: readonly Change[]): string[] => changes.map((one) => one.class);
const told = (): string[] => simulator.notices.list().map((one) => one.trigger);
const seconds = (): number => Math.floor(simulator.clock.now() / 1000);

describe('v3 traffic', () => {
  it('lets a message arrive in a new thread, where lists by time find both', async () => {
    const since = seconds() - 1;
    const message = simulator.traffic.arrive(grant.id, { subject: 'Hello' }) as Json;
    expect(await v3(`messages?received_after=${since}`)).toEqual([message]);
    const [thread] = await v3(`threads?latest_message_after=${since}`);
    expect(thread).toMatchObject({ id: message.thread_id, message_ids: [message.id], subject: 'Hello' });
    expect(classes(simulator.traffic.changes())).toEqual(['message.created', 'thread.created']);
    expect(simulator.notices.list()).toMatchObject([
      { trigger: 'message.created', accountId: grant.id, change: 1, object: { id: message.id } },
    ]);
  });

  it('lets a message arrive in a thread that is there', async () => {
    const [thread] = (await v3('threads?limit=1')) as [Json];
    await simulator.clock.advance(HOUR);
    const message = simulator.traffic.arrive(grant.id, { thread_id: thread.id }) as Json;
    expect(message.thread_id).toBe(thread.id);
    const [newest] = await v3(`threads?latest_message_after=${seconds() - 1}`);
    expect(newest?.message_ids).toEqual([...(thread.message_ids as string[]), message.id]);
  });

  it('changes, cancels and deletes events, and lists show the cancelled ones when asked', async () => {
    const calendar = grant.email;
    const [first, second, third] = await v3(`events?calendar_id=${calendar}`);
    await simulator.clock.advance(HOUR);
    const since = seconds() - 1;
    simulator.traffic.update(grant.id, 'event', first?.id as string, { title: 'Moved' });
    simulator.traffic.cancel(grant.id, second?.id as string);
    simulator.traffic.delete(grant.id, 'event', third?.id as string);
    const changed = async (query: string): Promise<unknown[]> =>
      (await v3(`events?calendar_id=${calendar}&updated_after=${since}${query}`)).map((one) => one.id);
    expect(await changed('')).toEqual([first?.id]);
    expect(await changed('&show_cancelled=true')).toEqual([first?.id, second?.id]);
    expect(classes(simulator.traffic.changes())).toEqual([
      'event.updated',
      'event.cancelled',
      'event.deleted',
    ]);
    expect(told()).toEqual(['event.updated', 'event.updated', 'event.deleted']);
    expect(simulator.notices.list()[2]?.object).toEqual({
      object: 'event',
      id: third?.id,
      grant_id: grant.id,
      calendar_id: calendar,
    });
  });

  it('makes contacts, folders and calendars, which clients see', async () => {
    for (const object of ['contact', 'folder', 'calendar'] as const) {
      const made = simulator.traffic.create(grant.id, object) as Json;
      expect((await v3(`${object}s?limit=1`))[0]).toEqual(made);
    }
    expect(told()).toEqual(['contact.updated', 'folder.created', 'calendar.created']);
  });

  it('goes on while a grant is expired', async () => {
    simulator.grants.expire(grant.id, { noticedAfterMs: 0 });
    expect(simulator.traffic.arrive(grant.id)).toBeDefined();
  });

  it('is told apart from what clients do', async () => {
    simulator.traffic.arrive(grant.id);
    await fetch(`${simulator.url}/v3/grants/${grant.id}/folders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${simulator.apiKey}` },
      body: JSON.stringify({ name: 'Mine' }),
    });
    expect(classes(simulator.traffic.changes({ by: 'client' }))).toEqual(['folder.created']);
    expect(told()).toEqual(['message.created', 'folder.created']);
  });
});

describe('v2 traffic', () => {
  it('arrives as deltas and notices', async () => {
    const { cursor } = await v2<{ cursor: string }>('/delta/latest_cursor', 'POST', {});
    const message = simulator.traffic.arrive(account.id, { subject: 'Hello' }) as Json;
    const [event] = await v2('/events?limit=1');
    simulator.traffic.delete(account.id, 'event', event?.id as string);
    const { deltas } = await v2<{ deltas: Json[] }>(`/delta?cursor=${cursor}`);
    expect(deltas.map((one) => [one.object, one.event, one.id])).toEqual([
      ['message', 'create', message.id],
      ['thread', 'create', message.thread_id],
      ['event', 'delete', event?.id],
    ]);
    expect(deltas[0]?.attributes).toMatchObject({ subject: 'Hello' });
    expect(deltas[2]).not.toHaveProperty('attributes');
    expect(simulator.notices.list()[0]).toMatchObject({
      trigger: 'message.created',
      object: { id: message.id, attributes: { thread_id: message.thread_id, received_date: seconds() } },
    });
  });

  it('wakes a long poll', async () => {
    const { cursor } = await v2<{ cursor: string }>('/delta/latest_cursor', 'POST', {});
    const waiting = v2<{ deltas: Json[] }>(`/delta/longpoll?cursor=${cursor}&timeout=60`);
    await simulator.requests.waitFor((one) => one.path === '/delta/longpoll');
    const contact = simulator.traffic.create(account.id, 'contact');
    expect((await waiting).deltas).toMatchObject([{ id: contact?.id, event: 'create' }]);
  });

  it('is held while an account does not sync, and comes when it runs again', async () => {
    simulator.accounts.stop(account.id);
    const before = simulator.traffic.changes().length;
    expect(simulator.traffic.arrive(account.id, { subject: 'Late' })).toBeUndefined();
    expect(simulator.traffic.changes()).toHaveLength(before);
    expect((await v2('/messages?limit=1'))[0]?.subject).not.toBe('Late');
    await simulator.clock.advance(HOUR);
    simulator.accounts.run(account.id);
    expect((await v2('/messages?limit=1'))[0]?.subject).toBe('Late');
    expect(simulator.traffic.changes({ class: 'message.created' })).toMatchObject([
      { accountId: account.id, time: simulator.clock.now() },
    ]);
    expect(told()).toEqual(['account.stopped', 'account.running', 'message.created']);
  });
});

describe('a run of traffic', () => {
  it('spreads distinct changes over time and mailboxes, the same for the same seed', async () => {
    const run = async (): Promise<readonly Change[]> => {
      simulator.reset();
      simulator.clock.setScale(0);
      const start = simulator.clock.now();
      const { done } = simulator.traffic.run({ changes: 300, overMs: HOUR });
      await simulator.clock.advance(HOUR / 2);
      const half = simulator.traffic.changes().filter((one) => one.object !== 'thread').length;
      expect(half).toBe(150);
      await simulator.clock.advance(HOUR / 2);
      await done;
      return simulator.traffic.changes().map((one) => ({ ...one, time: one.time - start }));
    };
    const first = await run();
    const changes = first.filter((one) => one.object !== 'thread');
    expect(changes).toHaveLength(300);
    expect(new Set(changes.map((one) => `${one.accountId} ${one.object} ${one.id}`)).size).toBe(300);
    expect(new Set(changes.map((one) => one.accountId)).size).toBe(3);
    expect(new Set(classes(changes)).size).toBe(13);
    expect(await run()).toEqual(first);
  });

  it('follows its mix and its mailboxes, and stops', async () => {
    const run = simulator.traffic.run({
      changes: 100,
      overMs: 1000,
      version: 'v2',
      mailboxes: [account.id],
      mix: { 'contact.deleted': 1, 'folder.created': 1, 'event.updated': 0 },
    });
    await simulator.clock.advance(500);
    run.stop();
    await run.done;
    await simulator.clock.advance(500);
    expect(run.made).toBe(50);
    const changes = simulator.traffic.changes();
    expect(changes).toHaveLength(50);
    expect(new Set(classes(changes))).toEqual(new Set(['contact.deleted', 'folder.created']));
    expect(changes.every((one) => one.accountId === account.id && one.version === 'v2')).toBe(true);
  });

  it('makes 10,000 changes in 200 mailboxes within six hours of simulated time', async () => {
    const many = await startSimulator({ grants: 200, accounts: 0, clock: { scale: 0 }, requestLog: 0 });
    const { done } = many.traffic.run({ changes: 10_000, overMs: 6 * HOUR });
    await many.clock.advance(6 * HOUR);
    await done;
    expect(many.traffic.changes().filter((one) => one.object !== 'thread')).toHaveLength(10_000);
    expect(many.defects).toEqual([]);
    await many.close();
  });

  it.each([
    [{ changes: 5 }, 'give overMs, a whole number'],
    [{ changes: 0, overMs: 1 }, 'option changes is the number 0'],
    [{ changes: 1, overMs: 1, mix: { 'thread.created': 1 } }, 'unknown option mix.thread.created'],
    [{ changes: 1, overMs: 1, mix: { 'event.created': 0 } }, 'mix has no class with a share above 0'],
  ])('refuses %j', (options, message) => {
    expect(() => simulator.traffic.run(options as never)).toThrow(message);
  });
});

describe('over HTTP', () => {
  const call = async (method: string, path: string, body?: object): Promise<[number, Json]> => {
    const response = await fetch(`${simulator.url}/__sim/traffic${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [response.status, (await response.json()) as Json];
  };

  it('mailboxes change, and the truth is read', async () => {
    const [, arrived] = await call('POST', '/arrive', { mailbox: grant.id, fields: { subject: 'Hi' } });
    const { id } = arrived.object as Json;
    await call('POST', '/update', { mailbox: grant.id, object: 'message', id });
    await call('POST', '/delete', { mailbox: grant.id, object: 'message', id });
    const [, made] = await call('POST', '/create', { mailbox: grant.email, object: 'event' });
    await call('POST', '/cancel', { mailbox: grant.id, id: (made.object as Json).id });
    const [, truth] = await call('GET', `?accountId=${grant.id}&limit=1`);
    expect(truth).toMatchObject({
      total: 6,
      byClass: { 'message.created': 1, 'message.updated': 1, 'message.deleted': 1, 'event.cancelled': 1 },
      changes: [{ class: 'event.cancelled', by: 'script' }],
    });
    expect((await call('POST', '/run', { changes: 10, overMs: 0 }))[0]).toBe(202);
    await simulator.clock.settled();
    expect((await call('GET', '?by=script'))[1].total).toBeGreaterThanOrEqual(16);
  });

  it.each([
    ['/arrive', {}, 400, 'give mailbox'],
    ['/arrive', { mailbox: 'nobody' }, 404, 'there is no mailbox nobody'],
    ['/create', { mailbox: 'x', object: 'thread' }, 400, 'a thread comes with its first message'],
    ['/create', { mailbox: 'x', object: 'fax' }, 400, 'option object is of type string; give one of message'],
    ['/explode', {}, 404, 'there is no action explode; give one of arrive'],
    ['/run', { changes: 'all' }, 400, 'option changes is of type string'],
  ])('%s with %j is answered %i: %s', async (path, body, status, message) => {
    expect(await call('POST', path, body)).toEqual([status, { error: expect.stringContaining(message) }]);
  });
});
