import { readDestinations } from '../../nylas/destinations.ts';
import { type Check, fail, pass, warn } from '../check.ts';
import { answerInWords, missingForProbe, probe } from '../webhook-probe.ts';

export const webhookGzip: Check = {
  name: 'webhook-gzip',
  looksAt: 'whether a compressed event, signed over the compressed bytes, gets through (compressed_delivery)',
  async run(visit) {
    const missing = missingForProbe(visit);
    if (missing !== undefined) return missing;
    const answer = await probe(visit, { compressed: true, bytes: 10_000 });
    if ('status' in answer && answer.status === 200) return pass('A compressed event gets through.');
    const wanted = readDestinations((await visit.destinations())?.body).some(({ compressed }) => compressed);
    const finding = `The receiver ${answerInWords(answer)} to a compressed event.`;
    const fix =
      'Verify the signature over the wire bytes and inflate afterwards; no proxy may inflate them on the way.';
    return wanted
      ? fail(`${finding} A destination asks for them.`, fix)
      : warn(`${finding} No destination asks for them.`, fix);
  },
};
