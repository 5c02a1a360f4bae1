import { Octokit } from '@octokit/core';
import { retry as octokitRetry } from '@octokit/plugin-retry';
import { retry as cockatielRetry, ExponentialBackoff, handleAll } from 'cockatiel';
import pRetry, { AbortError } from 'p-retry';
import { Dispatcher, RetryAgent, request as undiciRequest } from 'undici8';
import { NylasRetryState, type RetryOptions, retryingFetch } from '../../src/index.ts';
import { dispatchInto, fetchInto, type SimulatedServer } from './server.ts';

/** A call of the user's code: what is asked for, and a name that stays the same over its attempts. */
export interface ClientCall {
  readonly grant: number;
  readonly send: boolean;
  readonly name: string;
}

/** A way to make calls with some library; resolves true when the caller got what it wanted. */
export interface Client {
  readonly name: string;
  readonly call: (call: ClientCall) => Promise<boolean>;
}

const ORIGIN = 'https://api.us.nylas.com';
const pathOf = ({ grant, send }: ClientCall): string =>
  `/v3/grants/g-${grant}/messages${send ? '/send' : ''}`;
const initOf = ({ send, name }: ClientCall): RequestInit => ({
  method: send ? 'POST' : 'GET',
  headers: { 'x-call': name },
  ...(send ? { body: '{}' } : {}),
});
const RETRYABLE = new Set([408, 429, 500, 502, 503, 504, 520]);

/** Nobody retries. */
export function withoutRetries(server: SimulatedServer): Client {
  const fetch = fetchInto(server);
  return {
    name: 'no retries',
    call: async (call) => {
      const response = await fetch(ORIGIN + pathOf(call), initOf(call)).catch(() => undefined);
      return response?.ok ?? false;
    },
  };
}

/** This package, as `retryingFetch(fetch)` is used with its defaults. */
export function withUs(server: SimulatedServer, random: () => number, options: RetryOptions = {}): Client {
  const state = new NylasRetryState({ clock: server.time, random });
  let keys = 0;
  const idempotencyKey = (): string => `key-${keys++}`;
  const fetch = retryingFetch(fetchInto(server), { state, idempotencyKey, ...options });
  return {
    name: '@nylas-otel/retry',
    call: async (call) => {
      const response = await fetch(ORIGIN + pathOf(call), initOf(call)).catch(() => undefined);
      return response?.ok ?? false;
    },
  };
}

/** undici's RetryAgent with its defaults. */
function withRetryAgent(server: SimulatedServer): Client {
  const into = dispatchInto(server);
  class Simulated extends Dispatcher {
    override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      return into.dispatch(options as never, handler);
    }
  }
  const agent = new RetryAgent(new Simulated());
  return {
    name: 'undici RetryAgent',
    call: async (call) => {
      try {
        const { statusCode, body } = await undiciRequest(ORIGIN + pathOf(call), {
          dispatcher: agent,
          method: call.send ? 'POST' : 'GET',
          headers: { 'x-call': call.name },
          ...(call.send ? { body: '{}' } : {}),
        });
        await body.text();
        return statusCode < 300;
      } catch {
        return false;
      }
    },
  };
}

/** p-retry with its defaults, around a fetch that throws for a status worth a retry, as its README shows. */
function withPRetry(server: SimulatedServer): Client {
  const fetch = fetchInto(server);
  return {
    name: 'p-retry',
    call: async (call) => {
      try {
        await pRetry(async () => {
          const response = await fetch(ORIGIN + pathOf(call), initOf(call));
          if (response.ok) return;
          if (RETRYABLE.has(response.status)) throw new Error(response.statusText);
          throw new AbortError(String(response.status));
        });
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** cockatiel as the first example of its README. */
function withCockatiel(server: SimulatedServer): Client {
  const fetch = fetchInto(server);
  const policy = cockatielRetry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() });
  return {
    name: 'cockatiel',
    call: async (call) => {
      try {
        return await policy.execute(async () => {
          const response = await fetch(ORIGIN + pathOf(call), initOf(call));
          if (RETRYABLE.has(response.status)) throw new Error(String(response.status));
          return response.ok;
        });
      } catch {
        return false;
      }
    },
  };
}

/** octokit's plugin-retry with its defaults. */
function withOctokit(server: SimulatedServer): Client {
  const Retrying = Octokit.plugin(octokitRetry);
  const octokit = new Retrying({
    baseUrl: ORIGIN,
    request: { fetch: fetchInto(server) },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  return {
    name: 'octokit plugin-retry',
    call: async (call) => {
      try {
        await octokit.request(`${call.send ? 'POST' : 'GET'} ${pathOf(call)}`, {
          headers: { 'x-call': call.name },
        });
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** The libraries that are compared, each with what its own documentation shows first. */
export const PEERS: readonly ((server: SimulatedServer) => Client)[] = [
  withRetryAgent,
  withPRetry,
  withCockatiel,
  withOctokit,
];
