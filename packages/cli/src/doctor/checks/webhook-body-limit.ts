import { type Check, fail, pass } from '../check.ts';
import { answerInWords, missingForProbe, probe } from '../webhook-probe.ts';

const BYTES = 1_100_000;

export const webhookBodyLimit: Check = {
  name: 'webhook-body-limit',
  looksAt: 'whether a signed event of 1.1 MB gets through: Nylas sends up to 1 MB, and a 413 loses the event',
  async run(visit) {
    const missing = missingForProbe(visit);
    if (missing !== undefined) return missing;
    const answer = await probe(visit, { bytes: BYTES });
    if ('status' in answer && answer.status === 200) return pass('An event of 1.1 MB gets through.');
    return fail(
      `The receiver ${answerInWords(answer)} to an event of 1.1 MB.`,
      'Raise the limit on the way: client_max_body_size 2m (nginx), the limit of express.raw(), of the gateway or load balancer.',
    );
  },
};
