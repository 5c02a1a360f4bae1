import { failureInWords } from '../../nylas/nylas-client.ts';
import { type Check, fail, pass } from '../check.ts';

export const credentials: Check = {
  name: 'credentials',
  looksAt: 'whether Nylas takes the API key, or the client id and secret',
  async run(visit) {
    const { client } = visit;
    if (client === undefined) {
      return fail(
        'There are no credentials for Nylas.',
        'Set NYLAS_API_KEY (API v3), or NYLAS_CLIENT_ID and NYLAS_CLIENT_SECRET (API v2).',
      );
    }
    const reply = await visit.application();
    if (reply?.ok) return pass(`Nylas takes them (API ${client.version}, ${new URL(client.base).host}).`);
    if (reply === undefined) return fail('Nylas was not asked.', 'Run the command again.');
    const finding = failureInWords(reply, client.base);
    if (reply.status === 401) {
      return fail(
        finding,
        client.version === 'v3'
          ? 'The key is wrong, revoked, or of another region: see the check "region". Make a new key in the dashboard under API Keys.'
          : 'Client id and secret do not belong together, or to another region: compare them with the dashboard.',
      );
    }
    if (reply.status === 403) {
      return fail(
        finding,
        'Nylas has switched the application off, or the key may not read it: ask Nylas support.',
      );
    }
    if (reply.status === 0) {
      return fail(
        finding,
        `Check DNS, proxy and firewall: curl -sS -o /dev/null -w '%{http_code}' ${client.base}`,
      );
    }
    if (reply.status >= 300 && reply.status < 400) {
      return fail(
        finding,
        'Something between you and Nylas redirects API calls: check nylas.api_url and the proxy.',
      );
    }
    return fail(
      finding,
      'Try again; if it stays, look at the platform check and ask Nylas support with the request id.',
    );
  },
};
