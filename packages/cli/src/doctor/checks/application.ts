import { type Check, fail, NO_CREDENTIALS, pass, skip, warn } from '../check.ts';

interface ApplicationBody {
  readonly data?: {
    readonly blocked?: unknown;
    readonly environment?: unknown;
    readonly callback_uris?: readonly { readonly url?: unknown }[];
  };
}

export const application: Check = {
  name: 'application',
  looksAt:
    'settings of the Nylas application: blocked, environment, callback addresses for re-authentication',
  async run(visit) {
    if (visit.client === undefined) return NO_CREDENTIALS;
    const reply = await visit.application();
    if (!reply?.ok) return skip('Nylas did not say; see the check "credentials".');
    if (visit.client.version === 'v2') return pass('API v2: the application can be read.');
    const {
      blocked,
      environment,
      callback_uris: callbacks = [],
    } = (reply.body as ApplicationBody).data ?? {};
    if (blocked === true)
      return fail('Nylas has blocked the application.', 'Ask Nylas support, or look at the billing page.');
    const wanted = visit.context.settings['repair.reauth_redirect_uri'];
    const urls = callbacks.map(({ url }) => url);
    if (wanted !== undefined && !urls.includes(wanted)) {
      return fail(
        'repair.reauth_redirect_uri is not among the callback addresses of the application, so hosted authentication refuses it.',
        'Add it in the dashboard under Hosted Authentication, or give one that is there.',
      );
    }
    if (urls.length === 0) {
      return warn(
        'The application has no callback address, so no user can re-authenticate by a link.',
        'Add one in the dashboard under Hosted Authentication.',
      );
    }
    return pass(
      `Environment ${typeof environment === 'string' ? environment : 'unknown'}, ${urls.length} callback addresses.`,
    );
  },
};
