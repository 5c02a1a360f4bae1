import { NylasOtelError } from '../../errors.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';

const MANY_QUEUED = 10_000;

export const backlog: Check = {
  name: 'backlog',
  looksAt: 'events that wait to be handled, and dead letters',
  async run(visit) {
    const asked = await visit.store();
    if (asked === undefined) return skip('There is no store yet.');
    if (asked instanceof NylasOtelError) return skip('The store cannot be asked; see the check "store".');
    const { queued, active, dead } = asked.result.backlog;
    const words = `${queued} queued, ${active} in hand, ${dead} dead letters.`;
    if (queued >= MANY_QUEUED) {
      return fail(words, 'Handlers do not keep up: look at their errors and times, or run more processes.');
    }
    if (dead > 0)
      return warn(words, 'nylas-otel webhooks dead shows them; webhooks redrive puts them back to work.');
    return pass(words);
  },
};
