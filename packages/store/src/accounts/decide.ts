import { type AccountStatus, judge, type StateNews, type Transition } from '@nylas-otel/accounts/tracking';
import type { AccountUpdate, StoredAccount, UpdateResult } from './account-table.ts';

/** What becomes of one account's row after some updates, in their order. */
export interface Decision {
  /** The row as it should be now; undefined when nothing is to be written. */
  readonly next: StoredAccount | undefined;
  readonly results: readonly UpdateResult[];
  readonly transitions: readonly Transition[];
}

const STALE: UpdateResult = { verdict: 'stale' };
const CONTESTED: UpdateResult = { verdict: 'contested' };
const FIRST: UpdateResult = { verdict: 'first' };
const SAME: UpdateResult = { verdict: 'same' };

/**
 * Judges updates of one account against its row. Pure. As in a watch without a store, a deleted account is none: its
 * row stays as a tombstone, so that late news does not bring it back.
 */
export function decide(known: StoredAccount | undefined, updates: readonly AccountUpdate[]): Decision {
  let row = known;
  const results: UpdateResult[] = [];
  const transitions: Transition[] = [];
  for (const update of updates) {
    const step = one(row, update);
    row = step.row;
    results.push(step.result);
    if (step.result.transition !== undefined) transitions.push(step.result.transition);
  }
  return { next: row === known ? undefined : row, results, transitions };
}

interface Step {
  readonly row: StoredAccount | undefined;
  readonly result: UpdateResult;
}

function one(row: StoredAccount | undefined, update: AccountUpdate): Step {
  const { reading, time, signal } = update;
  const news: StateNews = {
    state: reading.state,
    raw: reading.raw,
    time,
    signal,
    ...(update.event === undefined ? {} : { event: update.event }),
  };
  if (reading.state === 'deleted') return removed(row, update);
  if (row === undefined || row.state === 'deleted') {
    if (row !== undefined && time <= row.time) return { row, result: STALE };
    const judgement = judge(undefined, news);
    if (judgement.verdict !== 'first') return { row, result: STALE };
    return { row: described(row, update, judgement.next), result: FIRST };
  }
  const judgement = judge(row, news);
  if (!('next' in judgement)) return { row, result: judgement.verdict === 'stale' ? STALE : CONTESTED };
  const next = time >= row.time ? described(row, update, judgement.next) : { ...row, ...judgement.next };
  if (judgement.verdict !== 'changed') return { row: equal(row, next) ? row : next, result: SAME };
  return { row: next, result: changed(row, next, update, judgement.recovery) };
}

function removed(row: StoredAccount | undefined, update: AccountUpdate): Step {
  const { reading, time } = update;
  const gone: AccountStatus = {
    state: 'deleted',
    raw: reading.raw,
    since: time,
    time,
    brokenSince: undefined,
    brokenState: undefined,
  };
  if (row === undefined) return { row: described(undefined, update, gone), result: STALE };
  if (row.state === 'deleted')
    return { row: time > row.time ? { ...row, time } : row, result: time < row.time ? STALE : SAME };
  if (time < row.time)
    return { row, result: judge(row, { ...reading, ...update }).verdict === 'contested' ? CONTESTED : STALE };
  const next = { ...row, ...gone };
  return { row: next, result: changed(row, next, update, undefined) };
}

function changed(
  from: StoredAccount,
  to: StoredAccount,
  { signal, time }: AccountUpdate,
  recovery: Transition['recovery'],
): UpdateResult {
  return {
    verdict: 'changed',
    transition: {
      id: to.id,
      provider: to.provider,
      from: from.state,
      to: to.state,
      raw: to.raw,
      signal,
      time,
      recovery,
    },
  };
}

/** With the address and the provider that the news says; what it does not say is kept. */
function described(
  row: StoredAccount | undefined,
  { reading }: AccountUpdate,
  status: AccountStatus,
): StoredAccount {
  return {
    id: reading.id,
    email: reading.email?.toLowerCase() ?? row?.email,
    provider: reading.provider === 'unknown' ? (row?.provider ?? 'unknown') : reading.provider,
    state: status.state,
    raw: status.raw,
    since: status.since,
    time: status.time,
    brokenSince: status.brokenSince,
    brokenState: status.brokenState,
  };
}

function equal(a: StoredAccount, b: StoredAccount): boolean {
  return a.time === b.time && a.raw === b.raw && a.email === b.email && a.provider === b.provider;
}
