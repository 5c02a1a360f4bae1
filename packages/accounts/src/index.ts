export type {
  AccountSeriesPoint,
  ProducedGauge,
  ProducedMetrics,
  ProducedScope,
} from './account-series.ts';
export {
  type AccountSeriesProducer,
  accountSeriesProducer,
  readAccountSeries,
} from './account-series-producer.ts';
export { NylasAccountsConfigError } from './config-error.ts';
export type {
  WatchAccountsOptions,
  WatchAccountsV2Options,
  WatchGrantsOptions,
  WatchOptions,
} from './options.ts';
export type { ProblemKind, WatchProblem } from './problem.ts';
export type { SweepProgress } from './sweep-progress.ts';
export {
  type AccountFilter,
  type AccountNews,
  type AccountsSnapshot,
  type AccountWatch,
  type NewsVerdict,
  type WatchedAccount,
  watchAccounts,
} from './watch-accounts.ts';
