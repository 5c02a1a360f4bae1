import { readDestinations } from '../../nylas/destinations.ts';
import { failureInWords } from '../../nylas/nylas-client.ts';
import { type Check, fail, NO_CREDENTIALS, pass, skip, warn } from '../check.ts';

export const destinations: Check = {
  name: 'destinations',
  looksAt:
    'the states of the webhook destinations: Nylas stops delivering to a failed one, and loses what happens meanwhile',
  async run(visit) {
    const { client } = visit;
    if (client === undefined) return NO_CREDENTIALS;
    const reply = await visit.destinations();
    if (reply === undefined || !reply.ok) {
      return reply === undefined ? NO_CREDENTIALS : skip(failureInWords(reply, client.base));
    }
    const found = readDestinations(reply.body);
    const named = (status: string): string =>
      found
        .filter((destination) => destination.status === status)
        .map(({ id }) => id)
        .join(', ');
    if (found.length === 0) {
      return warn(
        'There is no webhook destination: state changes are seen by polling only.',
        'nylas-otel init prints a receiver; then make a destination in the dashboard.',
      );
    }
    const words = found.map(({ id, status }) => `${id} ${status}`).join(', ');
    if (named('failed') !== '') {
      return fail(
        `Nylas has given up on: ${named('failed')}. What happens now is never delivered.`,
        'Mend the endpoint (see the checks webhook-*), set the destination active in the dashboard, then nylas-otel recover --since the time it began.',
      );
    }
    if (named('failing') !== '') {
      return fail(
        `Deliveries fail to: ${named('failing')}. After 72 hours Nylas gives up.`,
        'See the checks webhook-*: 95 % of answers in 15 minutes were not 200.',
      );
    }
    const paused = [named('pause'), named('inactive')].filter((ids) => ids !== '').join(', ');
    if (paused !== '')
      return warn(`Paused: ${paused}. Nothing is delivered there.`, 'Set it active in the dashboard.');
    return pass(words);
  },
};
