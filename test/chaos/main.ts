/** `npm run test:chaos`: 50,000 events, 20 kills, 3 restarts. `-- --events 5000 --kills 4 --restarts 1 --seed 7` does less. */
import { parseArgs } from 'node:util';
import { chaos } from './chaos.ts';
import { isClean, lines } from './report.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '50000' },
    kills: { type: 'string', default: '20' },
    restarts: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const report = await chaos({
  events: Number(values.events),
  kills: Number(values.kills),
  restarts: Number(values.restarts),
  seed,
  say: (line) => console.log(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${line}`),
});
console.log(`\n${lines(report).join('\n')}`);
console.log(isClean(report) ? '\nNothing was lost, nothing was done twice.' : '\nFAILED');
process.exitCode = isClean(report) ? 0 : 1;
