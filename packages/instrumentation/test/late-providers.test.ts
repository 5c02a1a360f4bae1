import { afterEach, expect, it } from 'vitest';
import { instrumentFetch, NylasInstrumentation } from '../src/index.ts';
import { type Recording, startRecording } from './recording.ts';
import { startScriptedServer } from './scripted-server.ts';

let recording: Recording | undefined;
afterEach(() => recording?.shutdown());

it('traces and counts through providers that are registered after it, and keeps what it counted before', async () => {
  const server = await startScriptedServer();
  const instrumentation = new NylasInstrumentation({ hosts: [{ host: server.host }] });
  const traced = instrumentFetch();
  await (await traced(server.url('ok'))).text();

  recording = startRecording();
  await (await traced(server.url('ok'))).text();
  expect(recording.spans().map(({ name }) => name)).toEqual([
    'GET /v3/grants/{grant_id}/messages/{message_id}',
    'nylas messages.find',
  ]);
  // The meter provider is looked for once a second.
  await expect.poll(() => recording?.sum('nylas.client.requests'), { timeout: 5_000 }).toBe(2);
  await (await traced(server.url('ok'))).text();
  expect(await recording.sum('nylas.client.requests')).toBe(3);
  expect(await recording.count('nylas.client.request.duration')).toBe(1);

  instrumentation.disable();
  await server.close();
});
