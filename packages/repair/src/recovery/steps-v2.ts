import { objectKey, RECOVERED, TOLD } from '@nylas-otel/webhooks';
import { askCursor, cursorBefore } from './cursors.ts';
import {
  DELTA_RESOURCES,
  type Delta,
  type DeltaPage,
  readDeltaPage,
  replayDeltas,
  type ToldChanges,
} from './deltas.ts';
import { ReadError } from './recovery-api.ts';
import type { AccountTask, RecoveryStep, StepResult } from './step.ts';
import type { TimeWindow } from './windows.ts';

/** What recovery does for one v2 account: it replays the deltas of each window. */
export function stepsV2(task: AccountTask): RecoveryStep[] {
  return task.windows.map((window) => ({
    name: `deltas.${window.from}`,
    resource: 'messages',
    run: () => replay(task, window),
  }));
}

async function replay(task: AccountTask, window: TimeWindow): Promise<StepResult> {
  const start = await startOf(task, window.from);
  const end = await endOf(task, window.to);
  const deltas: Delta[] = [];
  let cursor = start.cursor;
  let first: DeltaPage | undefined;
  for (;;) {
    const page = await readPage(task, cursor);
    first ??= page;
    const stop = page.deltas.findIndex((delta) => delta.cursor === end.cursor);
    deltas.push(...(stop < 0 ? page.deltas : page.deltas.slice(0, stop + 1)));
    if (stop >= 0 || page.cursorEnd === cursor || page.cursorEnd === end.cursor || cursor === end.cursor)
      break;
    cursor = page.cursorEnd;
  }
  const told = await toldWithin(task, start.time, end.time);
  const { changes, lostMessages } = replayDeltas(
    deltas.filter(({ object }) => task.resources.has(DELTA_RESOURCES.get(object) ?? '')),
    told,
    { from: start.time, readAt: end.cursor === undefined ? first.readAt : end.readAt },
  );
  await task.handover.give(changes);
  task.handover.lost('messages', lostMessages);
  return {};
}

/** Where to begin: at the window where the account says so, else at the last cursor kept from before. */
async function startOf(task: AccountTask, from: number): Promise<{ cursor: string; time: number }> {
  try {
    const second = Math.floor(from / 1_000);
    const { cursor } = await askCursor(task.api, task.account, authorizationOf(task), second);
    return { cursor, time: from };
  } catch (error) {
    if (!(error instanceof ReadError) || (error.problem !== 'refused' && error.problem !== 'missing'))
      throw error;
    const kept = await cursorBefore(task.store, task.account.id, from);
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Where a replay ends; without a cursor: at what is there now. */
interface ReplayEnd {
  readonly cursor: string | undefined;
  readonly time: number;
  /** Every change from before it has its delta before the cursor; see `RecoveryApi.read`. */
  readonly readAt?: number | undefined;
}

async function endOf(task: AccountTask, to: number): Promise<ReplayEnd> {
  const now = task.now();
  if (to >= now) return { cursor: undefined, time: now };
  try {
    const second = Math.ceil(to / 1_000);
    const { cursor, readAt } = await askCursor(task.api, task.account, authorizationOf(task), second);
    // A time that has not come yet by Nylas's clock is now.
    return { cursor, time: to, readAt: readAt === undefined ? undefined : Math.min(to, readAt) };
  } catch (error) {
    if (!(error instanceof ReadError) || (error.problem !== 'refused' && error.problem !== 'missing'))
      throw error;
    return { cursor: undefined, time: now };
  }
}

async function readPage(task: AccountTask, cursor: string): Promise<DeltaPage> {
  // All types: the cursor to stop at may be one of a thread.
  const query = new URLSearchParams({ cursor, limit: '100' });
  return await task.api.read(
    task.account,
    { url: `/delta?${query}`, authorization: authorizationOf(task) },
    readDeltaPage,
  );
}

/** What notifications told within the time that is replayed: created or not, and how many updates by their dates. */
async function toldWithin(
  { store, account }: AccountTask,
  from: number,
  to: number,
): Promise<(object: string, id: string) => ToldChanges> {
  const told = new Map<string, { created: boolean; updates: number }>();
  for (const kind of DELTA_RESOURCES.keys()) {
    const base = objectKey('v2', account.id, kind, '', 'created');
    const ofKind = base.slice(0, base.lastIndexOf('//') + 1);
    const prefix = TOLD + ofKind;
    // What recovery handed over is known by the same keys, and is no notification: a run that goes on after a crash must find
    // the same changes again.
    const handed = new Set(await store.inbox.knownFrom(RECOVERED + ofKind));
    for (const key of await store.inbox.knownFrom(prefix)) {
      const slash = key.lastIndexOf('/');
      const change = key.slice(slash + 1);
      const object = `${kind}/${key.slice(prefix.length, slash)}`;
      const known = told.get(object) ?? { created: false, updates: 0 };
      const second = change.startsWith('@') ? Number(change.slice(1)) : undefined;
      if (change === 'created') known.created = !handed.has(RECOVERED + key.slice(TOLD.length));
      else if (second !== undefined && second >= Math.floor(from / 1_000) && second * 1_000 <= to)
        known.updates++;
      told.set(object, known);
    }
  }
  return (object, id) => told.get(`${object}/${id}`) ?? { created: false, updates: 0 };
}

function authorizationOf({ authorization }: AccountTask): string {
  // Checked before the account's steps are made.
  return authorization as string;
}
