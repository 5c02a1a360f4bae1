// Calls the handler with events in files, as `sam local invoke -e` does: node src/invoke.ts events/challenge.json ...
import { readFileSync } from 'node:fs';
import type { LambdaEventLike } from '@nylas-otel/webhooks';
import { close, handler } from './handler.ts';

for (const file of process.argv.slice(2)) {
  const event = JSON.parse(readFileSync(file, 'utf8')) as LambdaEventLike;
  console.log(JSON.stringify(await handler(event)));
}
await close();
