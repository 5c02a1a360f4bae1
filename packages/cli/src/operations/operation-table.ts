import type { Operation } from '../control/operation.ts';
import { accountReport, listAccounts } from './account-operations.ts';
import { reauthLinkOf, restartAccount } from './monitor-operations.ts';
import { recoverMissed } from './recover-operation.ts';
import { exporterStatus } from './status-operations.ts';
import { storeReport } from './store-operations.ts';
import { makeBundle } from './support-operations.ts';
import { listDead, redrive } from './webhook-operations.ts';

/** Every operation that a running exporter does for a command. */
export const OPERATIONS: readonly Operation<never, unknown>[] = [
  exporterStatus,
  storeReport,
  listAccounts,
  accountReport,
  restartAccount,
  reauthLinkOf,
  listDead,
  redrive,
  makeBundle,
  recoverMissed,
];
