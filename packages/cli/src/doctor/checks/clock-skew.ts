import { type Check, fail, NO_CREDENTIALS, pass, skip, warn } from '../check.ts';

// `Date` is in whole seconds.
const GRANULARITY_S = 1;
const DOUBTFUL_S = 5;
const WRONG_S = 60;

export const clockSkew: Check = {
  name: 'clock-skew',
  looksAt: "this machine's clock beside Nylas's: event times, token lifetimes and lag depend on it",
  async run(visit) {
    const reply = await visit.application();
    if (visit.client === undefined) return NO_CREDENTIALS;
    if (reply?.serverTime === undefined) return skip('The answer had no date.');
    const here = (reply.sentAt + reply.answeredAt) / 2;
    const skew = (here - (reply.serverTime + 500)) / 1_000;
    const doubt = (reply.answeredAt - reply.sentAt) / 2_000 + GRANULARITY_S / 2;
    const size = Math.max(0, Math.abs(skew) - doubt);
    const words = `This clock is ${size < 1 ? 'within a second' : `${size.toFixed(0)} s ${skew > 0 ? 'ahead' : 'behind'}`} of Nylas's.`;
    const fix = 'Synchronise it: timedatectl set-ntp true, or the clock of the host of the container.';
    if (size > WRONG_S) return fail(words, fix);
    return size > DOUBTFUL_S ? warn(words, fix) : pass(words);
  },
};
