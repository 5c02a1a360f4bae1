import type { Exchange } from './http/exchange.ts';
import type { Reply } from './http/reply.ts';

/** Gmail quota units by operation, after Google's table; what a call costs is one of these per provider call. */
const QUOTA = { read: 5, write: 10, send: 100 } as const;
/** Only these resources count against the Gmail quota. */
const MAIL = /^\/v3\/grants\/\{\}\/(?:messages|threads|drafts|folders|attachments)(?:\/|$)/;

/** Adds `Nylas-Provider-Request-Count` (Google, Microsoft) and `Nylas-Gmail-Quota-Usage` (Google mail routes). */
export function withProviderHeaders(x: Exchange, reply: Reply): Reply {
  const provider = x.grant?.provider;
  const { route } = x;
  if (route === undefined || (provider !== 'google' && provider !== 'microsoft') || reply.status >= 400)
    return reply;
  const calls = reply.providerCalls ?? 1;
  const headers = [...(reply.headers ?? []), 'nylas-provider-request-count', String(calls)];
  if (provider === 'google' && MAIL.test(route.shape)) {
    const unit = route.limit === 'send' ? QUOTA.send : route.method === 'GET' ? QUOTA.read : QUOTA.write;
    headers.push('nylas-gmail-quota-usage', String(calls * unit));
  }
  return { ...reply, headers };
}
