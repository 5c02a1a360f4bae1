import { randomUUID } from 'node:crypto';
import { errorInWords } from '../../errors.ts';
import { type Check, fail, pass, warn } from '../check.ts';
import { missingForProbe } from '../webhook-probe.ts';

export const webhookChallenge: Check = {
  name: 'webhook-challenge',
  looksAt:
    'whether the public address answers the challenge that Nylas sends when a destination is made or set active',
  async run(visit) {
    const missing = missingForProbe(visit, false);
    if (missing !== undefined) return missing;
    const url = new URL(visit.context.settings['webhooks.public_url'] ?? '');
    const challenge = randomUUID();
    url.searchParams.set('challenge', challenge);
    const response = await visit.fetch(url.href, { redirect: 'manual' });
    if (response instanceof Error) {
      return fail(
        `${url.host} does not answer (${errorInWords(response)}).`,
        'Is the service up, the address public, and the certificate good? Nylas blocks ngrok tunnels.',
      );
    }
    const text = await response.text();
    if (response.status !== 200 || text !== challenge) {
      return fail(
        response.status === 200
          ? 'It answers 200, but not with the bare challenge.'
          : `It answers ${response.status} to the challenge.`,
        'Mount the receiver for GET too (app.use or app.all), before routes that need a login, without a redirect.',
      );
    }
    if (response.headers.get('content-length') === null) {
      return warn(
        'It answers the challenge in chunks, which Nylas does not take.',
        'Answer with a Content-Length.',
      );
    }
    return url.protocol === 'https:'
      ? pass('It answers the challenge.')
      : warn('It answers the challenge, over plain http.', 'Nylas delivers to https only.');
  },
};
