import { createHmac } from 'node:crypto';
import { isOpaqueId } from '@nylas-otel/nylas-api';
import { processState } from './process-state.ts';

/** `id`: opaque ids as they are, others hashed. `hash`: always hashed. `none`: never shown. */
export type AccountIdCapture = 'id' | 'hash' | 'none';

interface HashState {
  /** True when `NYLAS_OTEL_HASH_KEY` gave the key. */
  readonly pinned: boolean;
  key: string | undefined;
  derivedFrom: string | undefined;
  readonly hashes: Map<string, string>;
}

const state = processState('account-hash', (): HashState => {
  const key = process.env.NYLAS_OTEL_HASH_KEY || undefined;
  return { pinned: key !== undefined, key, derivedFrom: undefined, hashes: new Map() };
});

const MOST_HASHES = 10_000;
const HASH_LENGTH = 32;

/**
 * Gives the secret that hashes of addresses are made with. Replicas that share an API key agree without
 * configuration; `NYLAS_OTEL_HASH_KEY` overrides.
 */
export function setAccountHashSecret(secret: string): void {
  if (secret === '' || state.pinned || state.derivedFrom === secret) return;
  state.derivedFrom = secret;
  // Derived, so that a hash in telemetry is no oracle for the API key itself.
  state.key = createHmac('sha256', secret).update('nylas-otel account hash 1').digest('hex');
  state.hashes.clear();
}

/**
 * The form of an account or grant id that telemetry may show: an opaque id as it is, anything else (an address) as a
 * keyed HMAC-SHA-256, shortened to 128 bits; undefined when it must not or cannot be shown.
 */
export function shownAccountId(id: string | undefined, capture: AccountIdCapture): string | undefined {
  if (id === undefined || id === '' || id === 'me' || capture === 'none') return undefined;
  if (capture === 'id' && isOpaqueId(id)) return id;
  return hashAccountId(id);
}

/** Keyed hash of an account id; undefined while no key is known. Upper and lower case give one hash. */
export function hashAccountId(id: string): string | undefined {
  const { key } = state;
  if (key === undefined) return undefined;
  let hash = state.hashes.get(id);
  if (hash === undefined) {
    if (state.hashes.size >= MOST_HASHES) state.hashes.clear();
    hash = createHmac('sha256', key).update(id.toLowerCase()).digest('hex').slice(0, HASH_LENGTH);
    state.hashes.set(id, hash);
  }
  return hash;
}
