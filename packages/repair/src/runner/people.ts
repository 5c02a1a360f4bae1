import type { AccountState } from '@nylas-otel/nylas-api';

/** An account for the host's own code. Holds personal data (the address): not for telemetry. */
export interface RepairedAccount {
  /** Grant id (v3) or account id (v2). */
  readonly id: string;
  readonly email: string | undefined;
  /** A value of `nylas.provider`. */
  readonly provider: string;
  readonly state: AccountState;
  /** When it entered the state. */
  readonly since: Date;
}

/** The user of an account has to authenticate again. */
export interface ReauthenticationRequest {
  readonly account: RepairedAccount;
  /** What is wrong: `invalid` (credentials), or `stopped`, `sync_error`, ... that a restart did not mend. */
  readonly reason: AccountState;
  /** Where to authenticate: a hosted-authentication address, ready to be put into an e-mail or a button. */
  readonly url: string;
  /** Which prompt of this repair it is, from 1; from 2 on it is a reminder. */
  readonly attempt: number;
  /** The same for one prompt however often it is tried, for your own deduplication. */
  readonly key: string;
}

/** An account that repair cannot mend. */
export interface Escalation<Bundle = unknown> {
  readonly account: RepairedAccount;
  /** What repair found. */
  readonly reason: AccountState;
  /** What Nylas support asks for; undefined when it could not be put together. */
  readonly bundle: Bundle | undefined;
  /** The same for one escalation however often it is tried. */
  readonly key: string;
}

/** Whom repair talks to. A callback that throws, or rejects, says that nothing was sent: it is tried again. */
export interface People {
  prompt(request: Omit<ReauthenticationRequest, 'url'>): Promise<void>;
  escalate(escalation: Omit<Escalation, 'bundle'>): Promise<void>;
  /** The account's present access token; undefined where the host does not have one. */
  accessToken(account: RepairedAccount): Promise<string | undefined>;
}

/** A callback took too long: nobody knows whether it has sent anything. */
export class CallbackTimeout extends Error {
  override readonly name = 'CallbackTimeout';
}

/** Waits for a callback, but not for ever. */
export async function inTime<T>(work: () => T | Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      (async () => await work())(),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new CallbackTimeout(`no answer within ${ms} ms`)), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
