import type { NewJournalEntry, StoredRecord, StoreTransaction } from '@nylas-otel/store';
import type { Move, RepairState } from '../machine/repair-state.ts';
import type { EffectResult } from './effects.ts';

/** Name of the collection that holds the repairs, by account id. */
export const REPAIRS = 'repair';

/** Kind of repair's lines in the journal. */
export const JOURNAL_KIND = 'repair';

/** Writes a decision and its journal lines; false when somebody else has written the repair meanwhile. */
export async function writeMove(
  tx: StoreTransaction,
  { key, version }: StoredRecord<RepairState>,
  { next, due, notes }: Move,
  result?: EffectResult,
): Promise<boolean> {
  const records = tx.records<RepairState>(REPAIRS);
  const written =
    next === undefined
      ? await records.remove(key, version)
      : await records.replace(key, version, next, { tag: next.step, ...(due === undefined ? {} : { due }) });
  if (!written) return false;
  if (notes.length > 0) {
    await tx.journal.append(
      notes.map(
        (note): NewJournalEntry => ({
          kind: JOURNAL_KIND,
          accountId: key,
          data: note.event === 'result' ? { ...note, ...said(result) } : { ...note },
        }),
      ),
    );
  }
  return true;
}

function said(result: EffectResult | undefined): object {
  if (result === undefined || result.outcome === 'success') return {};
  const { outcome, errorType, requestId } = result;
  return { cause: outcome, errorType, requestId };
}
