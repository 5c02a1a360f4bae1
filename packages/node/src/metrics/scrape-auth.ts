import { createHash, timingSafeEqual } from 'node:crypto';
import { anyOf, type Check, exactly, shape, text } from '../options/checks.ts';

/** What a scrape must present: a bearer token, or a user name and password (basic authentication). */
export type ScrapeAuth =
  | { readonly bearer: string }
  | { readonly username: string; readonly password: string };

/** Checks an option that holds a {@link ScrapeAuth} or false. */
export const AUTH_CHECK: Check = anyOf(
  'Give { bearer }, { username, password } or false.',
  exactly(false),
  shape({ bearer: text }, ['bearer']),
  shape({ username: text, password: text }, ['username', 'password']),
);

/** Decides whether a request may scrape. */
export interface Gate {
  /** The `www-authenticate` header of a refusal. */
  readonly challenge: string;
  /** @param authorization the `authorization` header of the request */
  admits(authorization: string | undefined): boolean;
}

/** Makes the gate for `auth`. Credentials are compared as digests, in constant time whatever their length. */
export function scrapeGate(auth: ScrapeAuth): Gate {
  if ('bearer' in auth) return gate('Bearer', auth.bearer, (credentials) => credentials);
  return gate('Basic', `${auth.username}:${auth.password}`, (credentials) =>
    Buffer.from(credentials, 'base64').toString('utf8'),
  );
}

function gate(scheme: 'Bearer' | 'Basic', expected: string, decode: (credentials: string) => string): Gate {
  const wanted = digest(expected);
  const prefix = `${scheme.toLowerCase()} `;
  return {
    challenge: scheme === 'Basic' ? 'Basic realm="nylas-otel", charset="UTF-8"' : 'Bearer realm="nylas-otel"',
    admits(authorization) {
      if (authorization === undefined || authorization.slice(0, prefix.length).toLowerCase() !== prefix)
        return false;
      return timingSafeEqual(digest(decode(authorization.slice(prefix.length).trim())), wanted);
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
