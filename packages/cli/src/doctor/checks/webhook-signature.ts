import { randomBytes } from 'node:crypto';
import { type Check, fail, pass } from '../check.ts';
import { answerInWords, missingForProbe, probe } from '../webhook-probe.ts';

export const webhookSignature: Check = {
  name: 'webhook-signature',
  looksAt: 'whether the receiver takes a live event signed with our secret, and refuses one that is not',
  async run(visit) {
    const missing = missingForProbe(visit);
    if (missing !== undefined) return missing;
    const signed = await probe(visit);
    if (!('status' in signed) || signed.status !== 200) {
      const refused = 'status' in signed && (signed.status === 401 || signed.status === 403);
      return fail(
        `The receiver ${answerInWords(signed)} to an event signed with our secret.`,
        refused
          ? 'Receiver and NYLAS_WEBHOOK_SECRET differ: a rotated secret is shown once, by create and rotate. Or a body parser ran before the signature was checked.'
          : 'Nylas counts every answer but 200 as failed; 500 is never sent again. Look at the log of the receiver.',
      );
    }
    const forged = await probe(visit, { secret: randomBytes(16).toString('hex') });
    if ('status' in forged && forged.status === 200) {
      return fail(
        'The receiver takes events with a wrong signature: anybody can make it believe anything.',
        'Verify x-nylas-signature over the raw bytes: nylasWebhooks() of @nylas-otel/webhooks does.',
      );
    }
    return pass(`The receiver takes our signature and ${answerInWords(forged)} to a wrong one.`);
  },
};
