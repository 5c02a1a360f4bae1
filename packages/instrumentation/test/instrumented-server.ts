import { afterAll, beforeEach } from 'vitest';
import { NylasInstrumentation, type NylasInstrumentationConfig } from '../src/index.ts';
import { type Recording, startRecording } from './recording.ts';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';

/** What a test file sends requests to, and where it sees what was recorded of them. */
export interface InstrumentedServer {
  readonly recording: Recording;
  readonly server: ScriptedServer;
}

/**
 * Starts a scripted server, an SDK and our instrumentation of the server's host for the file that calls it; each test
 * finds no spans and no requests of the one before.
 */
export async function startInstrumentedServer({
  hosts = [],
  ...config
}: NylasInstrumentationConfig = {}): Promise<InstrumentedServer> {
  const recording = startRecording();
  const server = await startScriptedServer();
  const instrumentation = new NylasInstrumentation({ ...config, hosts: [{ host: server.host }, ...hosts] });
  beforeEach(() => {
    recording.reset();
    server.requests.length = 0;
  });
  afterAll(async () => {
    instrumentation.disable();
    await server.close();
    await recording.shutdown();
  });
  return { recording, server };
}
