import type { BundleError } from './error-log-lines.ts';

/** Something that was done or happened, from the journal. */
export interface BundleStep {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** `repair`, `recovery`, `operator`, `downtime`, ... */
  readonly kind: string;
  /** What the journal says of it, in words and values. */
  readonly text: string;
}

/** A change of the account's sync state. */
export interface BundleTransition {
  readonly time: string;
  readonly from: string;
  readonly to: string;
  /** Nylas's own word. */
  readonly raw: string;
  readonly seenBy: string;
}

/** An error, with a time people can read. */
export type ShownError = Omit<BundleError, 'time'> & { readonly time: string };

/** Everything Nylas support asks for, redacted; survives JSON. */
export interface SupportBundle {
  readonly generatedAt: string;
  readonly application: string;
  readonly account: {
    readonly id: string;
    readonly provider: string | undefined;
    readonly state: string | undefined;
    readonly rawState: string | undefined;
    readonly stateSince: string | undefined;
    readonly unhealthySince: string | undefined;
  };
  /** What needs attention before this is sent: time running out, parts cut off. */
  readonly warnings: readonly string[];
  /** What the guide asks for and nobody gave. */
  readonly missing: readonly string[];
  readonly messageIds: readonly string[];
  /** First and last sign of trouble. */
  readonly from: string | undefined;
  readonly until: string | undefined;
  readonly history: readonly BundleTransition[];
  readonly errors: readonly ShownError[];
  /** Errors there were in all; more than shown when the log is long. */
  readonly errorCount: number;
  readonly tried: readonly BundleStep[];
  readonly userSees: string | undefined;
  readonly settingsChanged: string | undefined;
  readonly reproduction: string | undefined;
  readonly syncLog: string | undefined;
  readonly code: string | undefined;
  readonly versions: Readonly<Record<string, string>>;
}

/** How long Nylas keeps sync logs (v2 guide). */
export const SYNC_LOGS_KEPT_MS: number = 14 * 86_400_000;
// Time for a person to write, and for support to look.
const WARN_BEFORE_MS = 4 * 86_400_000;

/** The warning that Nylas's sync logs are about to be deleted, or are; undefined while there is time. */
export function syncLogWarning(troubleSince: number | undefined, now: number): string | undefined {
  if (troubleSince === undefined) return undefined;
  const end = troubleSince + SYNC_LOGS_KEPT_MS;
  const day = new Date(end).toISOString().slice(0, 10);
  if (now >= end)
    return `Nylas keeps sync logs for two weeks: those of the begin of the trouble are gone since ${day}. Send this today; later logs still help.`;
  if (end - now > WARN_BEFORE_MS) return undefined;
  return `Nylas keeps sync logs for two weeks: those of the begin of the trouble are deleted on ${day}. Send this before.`;
}

/** What of the guide's list is not there, in words that say how to add it. */
export function missingParts(bundle: Omit<SupportBundle, 'missing' | 'warnings'>): string[] {
  const missing: string[] = [];
  if (bundle.account.state === undefined)
    missing.push('state of the account: it is not in the store (store)');
  if (bundle.messageIds.length === 0) missing.push('message ids, if it is about messages (messageIds)');
  if (bundle.from === undefined)
    missing.push('timestamps: no error and no change of state was found (since)');
  if (bundle.errors.length === 0)
    missing.push('errors with request ids: none were found (store or errorLog)');
  if (bundle.tried.length === 0)
    missing.push('what was tried and when: the journal has nothing (store, tried)');
  if (bundle.syncLog === undefined)
    missing.push(
      'sync log: no API has it; copy it from Dashboard > Accounts > the account > Sync Logs (syncLog)',
    );
  if (bundle.userSees === undefined) missing.push('what the user sees (userSees)');
  if (bundle.settingsChanged === undefined)
    missing.push('whether the user changed settings: password, provider, permissions (settingsChanged)');
  if (bundle.code === undefined) missing.push('the code that fails (code)');
  if (bundle.reproduction === undefined) missing.push('how to make it happen again (reproduction)');
  return missing;
}
