import type { BoardUid } from '../dashboards/board-uids.ts';

/** Who is told: `critical` wakes somebody, `warning` is for today, `info` is context. */
export type Severity = 'critical' | 'warning' | 'info';

/** What an alert is about: routes of Alertmanager go by it. */
export type Component = 'slo' | 'requests' | 'accounts' | 'repair' | 'webhooks' | 'platform' | 'telemetry';

/** A series that is computed ahead. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** An alert; its runbook is `runbooks/<name>.md`. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** Seconds the expression must hold. */
  readonly for: number;
  /** Seconds it goes on firing after the expression stopped to hold. */
  readonly keepFiringFor?: number;
  readonly severity: Severity;
  /** One sentence that fits a telephone. */
  readonly summary: string;
  /** What is known, with `$labels` that the expression keeps and `$value`. */
  readonly description: string;
  /** The panel that shows it. */
  readonly panel: readonly [board: BoardUid, panel: number];
}

/** Rules that are evaluated together, in order. */
export interface RuleGroup {
  readonly name: string;
  readonly component: Component;
  /** Seconds. */
  readonly interval: number;
  readonly recording: readonly RecordingRule[];
  readonly alerts: readonly AlertRule[];
}
