import { expect, it } from 'vitest';
import { exampleBesideSimulator } from './example-beside-simulator.ts';
import { sumOf } from './sum-of.ts';

/**
 * What every example that lists the messages of `/mailboxes/:grantId/messages` does, whatever its framework.
 *
 * @param folder of the example
 * @param args of Node
 * @param prepare what has to be done before it can start
 */
export function specifyMailboxService(folder: string, args: readonly string[], prepare?: () => void): void {
  const running = exampleBesideSimulator(
    folder,
    args,
    ({ apiKey, url }) => ({
      NYLAS_API_KEY: apiKey,
      NYLAS_API_URI: url,
      NYLAS_HOSTS: new URL(url).host,
    }),
    prepare,
  );

  const metrics = async () => (await fetch(`${running.service.url}/metrics`)).text();
  const messages = () =>
    fetch(`${running.service.url}/mailboxes/${running.simulator.grants.list()[0]?.id}/messages`);

  it('answers as before; requests are counted by Nylas route and by the route of the service', async () => {
    const answer = await messages();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toHaveLength(10);
    const page = await metrics();
    const template = 'url_template="/v3/grants/{grant_id}/messages"';
    const caller = 'nylas_caller="/mailboxes/:grantId/messages"';
    expect(sumOf(page, 'nylas_client_requests_total', template, 'status_code="200"')).toBe(1);
    expect(sumOf(page, 'nylas_client_caller_requests_total', caller)).toBe(1);
  });

  it("counts Nylas's own error types, read by the SDK", async () => {
    running.simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
    expect((await messages()).status).toBe(502);
    expect(sumOf(await metrics(), 'nylas_client_requests_total', 'error_type="rate_limit_error"')).toBe(1);
  });

  it('ends when it is told to', async () => {
    expect(await running.service.stop()).toBe(0);
  });
}
