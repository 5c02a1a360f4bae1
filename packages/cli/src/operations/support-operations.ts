import type { SupportBundle } from '@nylas-otel/repair';
import type { Operation } from '../control/operation.ts';

/** What a person knows of the trouble. */
export interface SupportInput {
  readonly account: string;
  /** Unix milliseconds. */
  readonly since?: number;
  readonly messageIds?: readonly string[];
  /** What was copied from the sync log of the dashboard. */
  readonly syncLog?: string;
  readonly userSees?: string;
  readonly settingsChanged?: string;
  readonly reproduction?: string;
  readonly tried?: string;
  readonly code?: string;
  /** Absolute path. */
  readonly errorLog?: string;
}

export const makeBundle: Operation<
  SupportInput,
  { readonly markdown: string; readonly json: SupportBundle }
> = {
  name: 'support-bundle',
  changes: false,
  async run({ since, ...input }, { store, now, secrets, progress }) {
    progress({ title: 'collecting what is known of the account' });
    const { supportBundle } = await import('@nylas-otel/repair');
    return await supportBundle({
      ...input,
      ...(since === undefined ? {} : { since: new Date(since) }),
      store,
      now: new Date(now()),
      secrets,
    });
  },
};
