import { NylasOtelError } from '../../errors.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';

const SLOW_S = 0.25;

export const store: Check = {
  name: 'store',
  looksAt: 'whether the store can be reached, answers in time, and keeps what it has committed',
  async run(visit) {
    const asked = await visit.store();
    if (asked === undefined)
      return skip('There is no store yet: nylas-otel exporter makes one, or set DATABASE_URL.');
    if (asked instanceof NylasOtelError) return fail(asked.message, asked.fix);
    const { engine, durable, why, roundTrip } = asked.result.health;
    const name = engine === 'postgresql' ? 'PostgreSQL' : 'PGlite';
    const asker = asked.by === 'exporter' ? ', asked through the running exporter' : '';
    const words = `${name}, ${(roundTrip * 1_000).toFixed(1)} ms a round trip${asker}.`;
    if (!durable) return warn(`${words} It is not durable.`, why ?? 'Use a folder or PostgreSQL.');
    return roundTrip > SLOW_S
      ? warn(`${words} That is slow.`, 'Webhooks wait for it: is the server near, and not overloaded?')
      : pass(`${words} It is durable.`);
  },
};
