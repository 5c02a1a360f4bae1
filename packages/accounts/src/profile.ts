import {
  ACCOUNT_STATES,
  type AccountState,
  type ApiVersion,
  accountState,
  providerLabel,
} from '@nylas-otel/nylas-api';

/** What one list item, re-read or event says of an account. */
export interface AccountReading {
  readonly id: string;
  readonly email: string | undefined;
  /** A value of `nylas.provider`; `unknown` where nobody said. */
  readonly provider: string;
  readonly state: AccountState;
  /** Nylas's own word where it is a documented one, else `other`. */
  readonly raw: string;
}

/** One page of a list. An item that is no account reads as undefined, so that positions still count. */
export interface AccountPage {
  readonly accounts: readonly (AccountReading | undefined)[];
  /** The page size that the reply says was used. */
  readonly limit: number | undefined;
}

/** Where in a list a page begins and how much it may hold. */
export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
}

/** What one generation of the Nylas API offers for watching accounts. Pure: builds paths, reads bodies. */
export interface Profile {
  readonly version: ApiVersion;
  /** Accounts a list request asks for. */
  readonly pageSize: number;
  /** States the API reports of an account. */
  readonly states: readonly AccountState[];
  /** True when the list can be asked for invalid accounts only. */
  readonly listsInvalid: boolean;
  /** Templates of {@link listPath} and {@link accountPath}, as telemetry shows them. */
  readonly listTemplate: string;
  readonly accountTemplate: string;
  /** The resource name of telemetry. */
  readonly resource: string;
  /** Path and query of one page, oldest account first where the API can sort. */
  listPath(page: PageRequest, invalidOnly: boolean): string;
  accountPath(id: string): string;
  /** The accounts of a list's reply; undefined when the body is no such list. */
  readPage(body: unknown): AccountPage | undefined;
  /** The account of a re-read's reply; undefined when the body is none. */
  readAccount(body: unknown): AccountReading | undefined;
}

const LONGEST_ID = 256;
// RFC 5321: 64 octets, an at sign, 255 octets.
const LONGEST_ADDRESS = 320;

/** A value that may be used as an account id. */
export function readId(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_ID ? value : undefined;
}

/** Puts together what an item said; undefined without an id. */
export function reading(
  version: ApiVersion,
  item: {
    readonly id: unknown;
    readonly email: unknown;
    readonly provider: unknown;
    readonly state: unknown;
  },
): AccountReading | undefined {
  const id = readId(item.id);
  if (id === undefined) return undefined;
  return {
    id,
    email:
      typeof item.email === 'string' && item.email.length > 0 && item.email.length <= LONGEST_ADDRESS
        ? item.email
        : undefined,
    provider: providerLabel(typeof item.provider === 'string' ? item.provider : undefined),
    ...stateWords(version, item.state),
  };
}

const words = new Map<string, string>();

/** Our state and Nylas's own word for it, the word only when it is a documented one. */
function stateWords(version: ApiVersion, value: unknown): { state: AccountState; raw: string } {
  const state = typeof value === 'string' ? accountState(version, value) : 'unknown';
  if (state === 'unknown' || typeof value !== 'string') return { state, raw: 'other' };
  const word = value.trim().toLowerCase();
  // One string a word, not one an account.
  let raw = words.get(word);
  if (raw === undefined) {
    raw = word;
    words.set(word, raw);
  }
  return { state, raw };
}

/** The words of news from outside, which may also name a state of ours. */
export function newsWords(version: ApiVersion, state: string): { state: AccountState; raw: string } {
  const words = stateWords(version, state);
  const ours = ACCOUNT_STATES.find((known) => known === state);
  return words.state === 'unknown' && ours !== undefined ? { state: ours, raw: ours } : words;
}

/** The value as an object whose properties may be read, else undefined. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
