import type * as names from './metric-names.ts';

/** The name of every metric of the contract. */
export type MetricName = (typeof names)[keyof typeof names];

/** OpenTelemetry instrument kinds. */
export type MetricKind = 'counter' | 'updowncounter' | 'gauge' | 'histogram';

/** Before 1.0 everything of ours is `development`: a name may still change, in a minor version, with a note. */
export type Stability = 'development' | 'stable';

/** One instrument of the contract. */
export interface MetricDefinition {
  /** OpenTelemetry name. */
  readonly name: MetricName;
  readonly kind: MetricKind;
  /** UCUM unit: `s`, `1`, `{request}`. */
  readonly unit: string;
  /** One sentence, the HELP line of the metric. */
  readonly description: string;
  /** Names of all attributes it may carry; see `ATTRIBUTES`. */
  readonly attributes: readonly string[];
  /** Histogram bucket bounds in the metric's unit, ascending; histograms always have them. */
  readonly buckets?: readonly number[];
  /** `process`: each instance counts its own. `shared`: the same on every replica, so never summed over instances. */
  readonly sharing: 'process' | 'shared';
  /** How a query puts the instances of a service together. */
  readonly acrossInstances: 'sum' | 'max' | 'min';
  readonly stability: Stability;
  /** True when it is emitted only where an option asks for it. */
  readonly optIn?: boolean;
  /**
   * Attributes whose closed value lists are multiplied into the series that exist at 0 from the start, because an alert
   * stands on them: `increase()` does not see a series that appears at 1. `[]` is the one series without attributes.
   */
  readonly bornAtZero?: readonly string[];
}
