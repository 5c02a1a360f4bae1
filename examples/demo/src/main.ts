/** The demo proper, started by `run.mjs`: sets up, plays, collects, shows, checks. */
import { once as onceEmitted } from 'node:events';
import { readArguments } from './arguments.mjs';
import { differenceOf } from './evidence/account-counts.ts';
import { awaitAccounts, collectEvidence } from './evidence/collect.ts';
import { PROMISES, SCRAPED } from './evidence/promises.ts';
import { printEvidence, printVerdict, printWhereToLook, sceneNote } from './screen/report.ts';
import { step, stopSteps } from './screen/steps.mjs';
import { heading, print } from './screen/terminal.mjs';
import { workOn } from './story/after-hours.ts';
import { breakIdle, chooseIdle } from './story/broken-accounts.ts';
import { Cast } from './story/cast.ts';
import { dayOfWork } from './story/everyday-work.ts';
import { type Played, play, SCENES, SENDER, STAR } from './story/scenes.ts';
import { SWEEP_SECONDS } from './world/mail-service.ts';
import { startWorld } from './world/world.ts';

const AT_ONCE = 8;
const SCENE_COLUMNS = 46;
// Twice the time between two looks, for machines with better things to do.
const ACCOUNTS_WITHIN_MS = 2 * SWEEP_SECONDS * 1000 + 5000;

/** Plays the whole demo. Resolves with true when everything promised was seen. */
async function demo(once: boolean, ends: AsyncDisposableStack, stopped: AbortSignal): Promise<boolean> {
  const world = await startWorld(ends);
  const { nylas, service } = world;
  const cast = new Cast(nylas);
  const roles = SCENES.map((scene) => ({ scene, mailbox: scene.mailbox(cast).id }));
  const idle = chooseIdle(cast);
  const mailboxOf = (wanted: unknown) => roles.find(({ scene }) => scene === wanted)?.mailbox ?? '';
  const before = await step('The service looks at all accounts', () =>
    awaitAccounts(world, ACCOUNTS_WITHIN_MS),
  );

  heading('What happens', 'answers of Nylas → answer of the service');
  await step('Everyday work', (note) =>
    dayOfWork(service.url, cast, { atOnce: AT_ONCE, onAnswer: (done) => note(`${done} requests of users`) }),
  );
  breakIdle(nylas, idle);
  const playing = roles.map(({ scene, mailbox }) => handled(play(scene, mailbox, service.url, nylas)));
  for (const [index, { scene }] of roles.entries())
    await step(scene.title.padEnd(SCENE_COLUMNS), async (note) => {
      const played = (await playing[index]) as Played;
      note(sceneNote(played), played.answer.milliseconds);
    });
  const evening = new AbortController();
  const working = handled(dayOfWork(service.url, cast, { atOnce: 2, pause: 50, signal: evening.signal }));
  const fate = `${idle.grants.length} grants expire unseen, ${idle.accounts.length} accounts break`;
  const after = await step(fate.padEnd(SCENE_COLUMNS), async (note) => {
    note('to be noticed');
    const comparison = await awaitAccounts(world, ACCOUNTS_WITHIN_MS);
    note(differenceOf(comparison.gauged, comparison.real) === undefined ? 'all noticed' : 'not all noticed');
    return comparison;
  });
  evening.abort();
  await working;

  const promises = world.prometheus === undefined ? PROMISES : [...PROMISES, SCRAPED];
  const story = { before, after, starMailbox: mailboxOf(STAR), sender: mailboxOf(SENDER) };
  const evidence = await collectEvidence(world, story);
  printEvidence(evidence);
  const seen = printVerdict(promises, evidence, once);
  if (once) return seen;

  printWhereToLook(world);
  print();
  print('Users go on working, with a little trouble. Ctrl-C ends everything.');
  await workOn(world, cast, idle, stopped);
  return seen;
}

/** A promise that is awaited later: that it fails before must not end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** The exit code. */
async function main(): Promise<number> {
  const { once } = readArguments(process.argv.slice(2));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort());
  // `run.mjs` is gone, whatever ended it.
  process.once('disconnect', () => stop.abort());
  const stopped = onceEmitted(stop.signal, 'abort').then(() => 'stopped' as const);
  const ends = new AsyncDisposableStack();
  try {
    const seen = await Promise.race([demo(once, ends, stop.signal), stopped]);
    if (seen !== 'stopped') return seen ? 0 : 1;
    stopSteps();
    print('Stopped.');
    return once ? 130 : 0;
  } finally {
    await ends.disposeAsync();
  }
}

try {
  process.exit(await main());
} catch (error) {
  print(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
