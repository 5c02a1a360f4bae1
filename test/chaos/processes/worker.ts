// Handles events until it is killed, each with an effect in a table of its own: node worker.ts DATABASE_URL
import { opened } from './opened.ts';

const [databaseUrl = ''] = process.argv.slice(2);
const store = await opened(databaseUrl);
await store.inbox.work({
  // Being killed is no fault of the event.
  maxRuns: 1_000,
  retryDelay: 0.1,
  onEvent: (event, call) =>
    call.transaction((tx) =>
      // No unique key: what is done twice is there twice.
      tx.query('INSERT INTO effects (key, account, step) VALUES ($1, $2, $3)', [
        event.key,
        event.accountId,
        (event.data as { object: { step: number } }).object.step,
      ]),
    ),
});
console.log('ready');
