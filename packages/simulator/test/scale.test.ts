import Nylas6 from 'nylas6';
import { describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/index.ts';

const MANY = 100_000;

async function pageThrough(simulator: Simulator, query: string): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = 0; ; offset += 200) {
    const response = await fetch(`${simulator.url}/v3/grants?limit=200&offset=${offset}${query}`, {
      headers: { authorization: `Bearer ${simulator.apiKey}` },
    });
    const page = (await response.json()) as { data: { id: string }[]; limit: number; offset: number };
    expect([page.limit, page.offset]).toEqual([200, offset]);
    ids.push(...page.data.map((one) => one.id));
    if (page.data.length < 200) return ids;
  }
}

describe('100,000 grants and accounts', { timeout: 300_000 }, () => {
  it('page exactly and are counted exactly', async () => {
    const simulator = await startSimulator({
      grants: MANY,
      accounts: MANY,
      limits: false,
      requestLog: 0,
      compress: false,
    });
    try {
      const all = simulator.grants.list();
      for (let i = 0; i < MANY; i += 97) simulator.grants.setStatus(all[i]?.id as string, 'invalid');
      const truth = new Set(all.filter((one) => one.status === 'invalid').map((one) => one.id));
      expect(simulator.grants.counts()).toMatchObject({
        total: MANY,
        byStatus: { invalid: truth.size, valid: MANY - truth.size },
      });
      const invalid = await pageThrough(simulator, '&grant_status=invalid');
      expect(invalid).toHaveLength(truth.size);
      expect(new Set(invalid)).toEqual(truth);
      const every = await pageThrough(simulator, '');
      expect(every).toHaveLength(MANY);
      expect(new Set(every).size).toBe(MANY);
      const { byProvider } = simulator.grants.counts();
      const sum = Object.values(byProvider).reduce((total, one) => total + one.valid + one.invalid, 0);
      expect(sum).toBe(MANY);

      Nylas6.config({
        clientId: simulator.clientId,
        clientSecret: simulator.clientSecret,
        apiServer: simulator.url,
      });
      const managed = Nylas6.accounts as unknown as { list(params: object): Promise<{ id: string }[]> };
      const accounts = await managed.list({});
      expect(accounts.map((one) => one.id)).toEqual(simulator.accounts.list().map((one) => one.id));
    } finally {
      await simulator.close();
    }
  });

  it('are the same for the same seed, and others for another', async () => {
    const lists = async (seed: number): Promise<string> => {
      const simulator = await startSimulator({ seed, grants: 20, accounts: 20 });
      const headers = { authorization: `Bearer ${simulator.apiKey}` };
      const grant = simulator.grants.list()[3];
      const texts: string[] = [simulator.apiKey];
      for (const path of [
        'messages',
        'threads',
        'folders',
        'contacts',
        `events?calendar_id=${grant?.email}`,
      ]) {
        texts.push(
          await (await fetch(`${simulator.url}/v3/grants/${grant?.id}/${path}`, { headers })).text(),
        );
      }
      const token = { authorization: `Bearer ${simulator.accounts.list()[3]?.accessToken}` };
      texts.push(await (await fetch(`${simulator.url}/messages`, { headers: token })).text());
      texts.push(JSON.stringify([simulator.grants.list(), simulator.accounts.list()]));
      await simulator.close();
      return texts.join('\n');
    };
    const first = await lists(1);
    expect(await lists(1)).toBe(first);
    const second = await lists(2);
    expect(second).not.toBe(first);
    expect(second.slice(0, 40)).not.toBe(first.slice(0, 40));
  });

  it('come back as they were after a reset', async () => {
    const simulator = await startSimulator({ grants: 3 });
    const before = JSON.stringify([simulator.grants.list(), simulator.accounts.list()]);
    simulator.grants.setStatus(simulator.grants.list()[0]?.id as string, 'invalid');
    simulator.grants.create();
    simulator.accounts.delete(simulator.accounts.list()[0]?.id as string);
    simulator.reset();
    expect(JSON.stringify([simulator.grants.list(), simulator.accounts.list()])).toBe(before);
    await simulator.close();
  });
});
