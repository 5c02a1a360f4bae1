import { hashOf, hex8 } from '../data/random.ts';
import type { GrantProvider } from './grant-store.ts';

/** What a user agreed to in the (simulated) hosted login, waiting to be exchanged. */
export interface Authorization {
  readonly email: string;
  readonly provider: GrantProvider | undefined;
  readonly redirectUri: string;
  /** PKCE challenge, or an empty string. */
  readonly challenge: string;
  readonly offline: boolean;
  readonly expiresAt: number;
}

/** A code is good for ten minutes. */
const CODE_MS = 600_000;
const MAX_KEPT = 100_000;

/** Authorization codes and refresh tokens of both APIs. */
export class Authorizations {
  readonly #seed: number;
  readonly #now: () => number;
  readonly #codes = new Map<string, Authorization>();
  readonly #refreshTokens = new Map<string, string>();
  #serial = 0;

  constructor(seed: number, now: () => number) {
    this.#seed = seed;
    this.#now = now;
  }

  /** Makes a code, good once. */
  issueCode(authorization: Omit<Authorization, 'expiresAt'>): string {
    const code = this.#token();
    keep(this.#codes, code, { ...authorization, expiresAt: this.#now() + CODE_MS });
    return code;
  }

  /** Takes a code; undefined when it is unknown, used or expired. */
  takeCode(code: string): Authorization | undefined {
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    return known !== undefined && known.expiresAt > this.#now() ? known : undefined;
  }

  /** Makes a refresh token for a grant. */
  issueRefreshToken(grantId: string): string {
    const token = `nyrt_${this.#token()}`;
    keep(this.#refreshTokens, token, grantId);
    return token;
  }

  /** The grant of a refresh token. */
  grantOf(refreshToken: string): string | undefined {
    return this.#refreshTokens.get(refreshToken);
  }

  /** Ends a refresh token; false when it was not known. */
  revoke(refreshToken: string): boolean {
    return this.#refreshTokens.delete(refreshToken);
  }

  /** Forgets everything. */
  clear(): void {
    this.#codes.clear();
    this.#refreshTokens.clear();
    this.#serial = 0;
  }

  #token(): string {
    const serial = this.#serial++;
    return [1, 2, 3, 4].map((n) => hex8(hashOf(this.#seed, 700 + n, serial))).join('');
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size > MAX_KEPT) map.delete(map.keys().next().value as string);
}
