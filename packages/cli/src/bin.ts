#!/usr/bin/env node
import * as nodeModule from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error(`nylas-otel needs Node 22.15 or newer; this is Node ${process.versions.node}.`);
  process.exit(2);
}

// Halves the time to the first /metrics from the second start on; does nothing on a read-only file system.
nodeModule.enableCompileCache();

const interrupt = new AbortController();
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    signals++;
    if (signals > 1) process.exit(130);
    interrupt.abort(signal);
  });
}
// A reader that leaves (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 70));

const { run } = await import('./main.ts');
process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: interrupt.signal,
  now: Date.now,
});
// What keeps the process from ending now was left behind by a failure.
setTimeout(() => process.exit(), 1_000).unref();
