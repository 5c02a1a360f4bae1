import type { Operation } from '../control/operation.ts';
import { storeReport } from './store-operations.ts';
import { listDead, redrive } from './webhook-operations.ts';

/** Every operation that a running exporter does for a command. */
export const OPERATIONS: readonly Operation<never, unknown>[] = [storeReport, listDead, redrive];
