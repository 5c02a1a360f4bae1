import { inventoryStep, LARGE_KINDS, SMALL_KINDS } from './inventory-steps.ts';
import { eventsIn, listAll, messagesIn, threadsIn } from './read-v3.ts';
import { ReadError } from './recovery-api.ts';
import type { AccountTask, RecoveryStep } from './step.ts';

/** What recovery does for one grant, in order: by filter where there is one, else by comparing whole lists. */
export function stepsV3(task: AccountTask): RecoveryStep[] {
  const { resources, unfiltered } = task;
  const steps: RecoveryStep[] = [];
  if (resources.has('messages')) steps.push(filterStep(task, 'messages', messagesIn));
  if (resources.has('threads')) steps.push(filterStep(task, 'threads', threadsIn));
  if (resources.has('events'))
    steps.push({ name: 'events', resource: 'events', run: () => readEvents(task) });
  for (const kind of SMALL_KINDS) if (resources.has(kind.resource)) steps.push(inventoryStep(task, kind));
  if (unfiltered === 'off') return steps;
  for (const kind of LARGE_KINDS) if (resources.has(kind.resource)) steps.push(inventoryStep(task, kind));
  return steps;
}

/** What stays unseen: notifications that neither a filter nor a comparison stands for. */
export function blindTriggers(
  resources: ReadonlySet<string>,
  unfiltered: AccountTask['unfiltered'],
): string[] {
  const blind: string[] = [];
  if (unfiltered === 'off') {
    if (resources.has('messages')) blind.push('message.updated', 'message.deleted');
    if (resources.has('events')) blind.push('event.deleted');
  }
  if (resources.has('messages') || resources.has('events'))
    blind.push('messages and events that were made and deleted within the gap');
  return [...blind, ...WITHOUT_LIST];
}

// Told once and kept nowhere: no list shows that a mail was opened or that a booking was made.
const WITHOUT_LIST = [
  'message.opened',
  'message.link_clicked',
  'message.bounce_detected',
  'message.send_success',
  'message.send_failed',
  'booking.*',
  'notetaker.*',
];

function filterStep(task: AccountTask, resource: string, read: typeof messagesIn): RecoveryStep {
  return {
    name: resource,
    resource,
    async run() {
      for (const window of task.windows) {
        for await (const changes of read(task.api, task.account, window)) await task.handover.give(changes);
      }
      return {};
    },
  };
}

async function readEvents({ api, account, windows, handover }: AccountTask): Promise<Record<string, never>> {
  const { objects: calendars } = await listAll(api, account, 'calendars');
  for (const calendar of calendars) {
    for (const window of windows) {
      try {
        for await (const changes of eventsIn(api, account, calendar.id, window)) await handover.give(changes);
      } catch (error) {
        // Deleted since it was listed, or one that shows no events.
        if (!(error instanceof ReadError) || (error.problem !== 'missing' && error.problem !== 'rejected'))
          throw error;
      }
    }
  }
  return {};
}
