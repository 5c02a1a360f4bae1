import { processState } from '@nylas-otel/telemetry';

interface Applications {
  readonly ids: Map<string, string>;
  next: number;
}

// A process with more credentials than this is a v2 service with a token for each account; old ones make room.
const MOST_CREDENTIALS = 50_000;

const state = processState('retry-applications', (): Applications => ({ ids: new Map(), next: 1 }));

/**
 * A name for a credential (API key, access token) that is no secret: the same for all faces of the process. Limits of
 * one application or v2 account are remembered under it.
 *
 * @param authorization an `Authorization` header, or undefined
 */
export function credentialName(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') return 'anonymous';
  const credential = credentialOf(authorization);
  let id = state.ids.get(credential);
  if (id === undefined) {
    if (state.ids.size >= MOST_CREDENTIALS) {
      const [oldest] = state.ids.keys();
      if (oldest !== undefined) state.ids.delete(oldest);
    }
    id = `c${state.next++}`;
    state.ids.set(credential, id);
  }
  return id;
}

// API v2 takes a token both as `Bearer token` and as the user of `Basic`.
function credentialOf(authorization: string): string {
  const space = authorization.indexOf(' ');
  const credential = authorization.slice(space + 1);
  if (!/^basic$/i.test(authorization.slice(0, space))) return credential;
  return Buffer.from(credential, 'base64').toString('utf8').replace(/:.*$/s, '');
}
