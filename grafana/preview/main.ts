// `npm run preview`: serves the boards, drawn from the Prometheus that is named, or from the simulated day.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DAY_END } from '../src/day/clock.ts';
import { makeDay } from '../src/day/make-day.ts';
import { startPrometheus } from '../src/day/prometheus.ts';
import { servePreview } from './serve.ts';

const { values } = parseArgs({
  options: {
    prometheus: { type: 'string' },
    port: { type: 'string', default: '3300' },
    pictures: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});

if (values.prometheus) {
  const { url } = await servePreview(values.prometheus.replace(/\/$/, ''), Number(values.port));
  console.log(`The boards, from ${values.prometheus}: ${url}/?scrape=30`);
} else {
  await showTheDay();
}

async function showTheDay(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-preview-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  console.log('Making the simulated day; it takes some seconds.');
  await makeDay(folder);
  const prometheus = await startPrometheus(folder);
  const taking = values.pictures !== undefined || values.check;
  const { url, server } = await servePreview(prometheus.url, taking ? 0 : Number(values.port));
  if (!taking) {
    console.log(
      `The boards on the simulated day (a preview, not Grafana): ${url}/?to=${DAY_END}&from=now-24h`,
    );
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit());
    return;
  }
  const { takePictures } = await import('./pictures.ts');
  const problems = await takePictures(url, DAY_END, values.pictures);
  for (const { picture, what } of problems) console.error(`${picture}: ${what}`);
  console.log(
    problems.length === 0
      ? 'Every panel of every board was drawn, in both themes, without an error.'
      : `${problems.length} problems.`,
  );
  server.close();
  await prometheus[Symbol.asyncDispose]();
  process.exit(problems.length === 0 ? 0 : 1);
}
