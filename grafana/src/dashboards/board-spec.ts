import type { Naming } from '../config.ts';
import { SeriesWriter } from '../promql/series.ts';
import type { BoardUid } from './board-uids.ts';
import type { RowSpec } from './panel-spec.ts';

/** Variables beside the data source, job and instance. */
export type ExtraVariable = 'application' | 'provider' | 'loki' | 'tempo';

export interface BoardSpec {
  readonly uid: BoardUid;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly ExtraVariable[];
  /** Where its time range begins: `now-6h`. */
  readonly from: string;
  readonly rows: readonly RowSpec[];
}

/** Writes the selectors of boards: each is bound to the variables of its board. */
export class BoardSeries {
  /** What a process counts. */
  readonly process: SeriesWriter;
  /** What is the same on every replica. */
  readonly shared: SeriesWriter;
  /** Shared, and of a provider. */
  readonly byProvider: SeriesWriter;
  readonly naming: Naming;

  constructor(naming: Naming) {
    this.naming = naming;
    const scrape = ['job=~"$job"', 'instance=~"$instance"'];
    const application = [...scrape, 'nylas_application=~"$application"'];
    this.process = new SeriesWriter(naming, scrape);
    this.shared = new SeriesWriter(naming, application);
    this.byProvider = new SeriesWriter(naming, [...application, 'nylas_provider=~"$provider"']);
  }
}
