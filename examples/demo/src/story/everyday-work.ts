import { setTimeout as sleep } from 'node:timers/promises';
import type { Cast } from './cast.ts';
import { type Visit, visit } from './visitor.ts';

/** How fast people work. */
export interface Pace {
  /** Requests under way at a time. */
  readonly atOnce: number;
  /** Milliseconds between two requests of one worker. Default 0. */
  readonly pause?: number;
  /** Ends the day early. */
  readonly signal?: AbortSignal;
  /** Told how many requests are over. */
  readonly onAnswer?: (done: number) => void;
}

type Errand = () => Promise<unknown>;

/** Grants of these have no mailbox. */
const WITHOUT_MAIL: ReadonlySet<string> = new Set(['zoom', 'virtual-calendar']);

/** What users do on a day without trouble: all read their mail, some send, some look for a free hour. */
export async function dayOfWork(
  service: string,
  cast: Cast,
  { atOnce, pause = 0, signal, onAnswer }: Pace,
): Promise<void> {
  const errands = errandsOf(service, cast);
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let errand = errands.shift(); errand !== undefined; errand = errands.shift()) {
      if (signal?.aborted) return;
      await errand();
      onAnswer?.(++done);
      if (pause > 0) await sleep(pause);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function errandsOf(service: string, cast: Cast): Errand[] {
  const errand = (kind: Visit['kind'], mailbox: string) => () => visit(service, { kind, mailbox });
  const grants = cast.grants.flatMap(({ id, provider }, index) => {
    const mail = !WITHOUT_MAIL.has(provider);
    return [
      ...(mail ? [errand('list', id), () => showNewest(service, id)] : []),
      ...(mail && index % 3 === 0 ? [errand('send', id)] : []),
      ...(!mail || index % 2 === 0 ? [errand('free-busy', id)] : []),
    ];
  });
  return [...grants, ...cast.accounts.map(({ id }) => errand('legacy', id))];
}

async function showNewest(service: string, mailbox: string): Promise<void> {
  const { body } = await visit(service, { kind: 'list', mailbox });
  const message = Array.isArray(body) ? (body[0] as { readonly id: string } | undefined) : undefined;
  if (message !== undefined) await visit(service, { kind: 'show', mailbox, message: message.id });
}
