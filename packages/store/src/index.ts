export type {
  AccountAggregates,
  AccountTable,
  AccountUpdate,
  StoredAccount,
  StoredAccountFilter,
  UpdateResult,
} from './accounts/account-table.ts';
export { NylasStoreError, type NylasStoreErrorCode } from './errors.ts';
export type {
  Arrivals,
  DeadLetterFilter,
  DurableHandler,
  DurableHandlerCall,
  DurableHandlers,
  DurableInbox,
  InboxWorkOptions,
  StoredDeadLetter,
} from './inbox/durable-inbox.ts';
export type { JobCall, Jobs, QueueOptions, SendOptions } from './jobs/jobs.ts';
export type { Journal, JournalEntry, JournalFilter, NewJournalEntry } from './journal/journal.ts';
export { openStore } from './open-store.ts';
export type { OpenStoreOptions, Retention } from './options.ts';
export type { RecordMarks, Records, StoredRecord } from './records/records.ts';
export type { NylasStore, StoreEngine, StoreHealth, StoreTransaction } from './store.ts';
export type { DowntimeWindow, UptimeLedger } from './uptime/uptime-ledger.ts';
