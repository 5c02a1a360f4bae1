import type * as names from './attribute-names.ts';
import type { Stability } from './metric-definition.ts';

/** The name of every attribute of the contract. */
export type AttributeName = (typeof names)[keyof typeof names];

/** Signals an attribute may appear on. */
export type Signal = 'spans' | 'metrics' | 'logs';

/** One attribute of the contract. */
export interface AttributeDefinition {
  readonly type: 'string' | 'int' | 'boolean';
  readonly description: string;
  /** All values it can have, where the list is closed. */
  readonly values?: readonly string[];
  /** What keeps the number of its values small, where the list is open and it labels metrics. */
  readonly bound?: string;
  readonly stability: Stability;
  /** Signals it appears on. */
  readonly on: readonly Signal[];
  /** Whose name it is: OpenTelemetry's semantic conventions, or ours. */
  readonly source: 'opentelemetry' | 'nylas-otel';
}
