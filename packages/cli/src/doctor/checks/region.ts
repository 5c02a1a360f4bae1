import type { Region } from '@nylas-otel/nylas-api';
import { type Check, fail, NO_CREDENTIALS, pass, skip } from '../check.ts';

const OTHERS: readonly Region[] = ['us', 'eu', 'ca'];

export const region: Check = {
  name: 'region',
  looksAt:
    'whether the application lives in the region that is asked: any other answers 401, as to a wrong key',
  async run(visit) {
    const { client, context } = visit;
    if (client === undefined) return NO_CREDENTIALS;
    const mine = context.settings['nylas.region'];
    const reply = await visit.application();
    if (reply?.ok) {
      const told = (reply.body as { data?: { region?: unknown } }).data?.region;
      if (typeof told !== 'string' || told === mine || client.inRegion('us') === undefined) {
        return pass(`The application is in ${typeof told === 'string' ? told : mine}.`);
      }
      return fail(
        `Nylas says the application is in another region than ${mine}.`,
        `Set NYLAS_OTEL_REGION=${told}.`,
      );
    }
    if (reply?.status !== 401) return skip('Nylas did not say; see the check "credentials".');
    for (const other of OTHERS.filter((candidate) => candidate !== mine)) {
      const elsewhere = client.inRegion(other);
      if (elsewhere === undefined) break;
      if (elsewhere.base === client.base) continue;
      const path = client.version === 'v3' ? '/v3/applications' : `/a/${context.settings['nylas.client_id']}`;
      if ((await elsewhere.request('GET', path)).ok) {
        return fail(
          `The key is good, but not for region ${mine}: Nylas answers a key of another region with 401.`,
          `Set NYLAS_OTEL_REGION=${other} (or nylas.region: ${other}).`,
        );
      }
    }
    return client.inRegion('us') === undefined
      ? skip(
          'nylas.api_url is given, so other regions are not asked. A key of another region is answered with 401.',
        )
      : fail(
          'No region takes the credentials, so the key itself is wrong.',
          'Make a new key in the dashboard.',
        );
  },
};
