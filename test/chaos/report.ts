/** What a run has shown. */
export interface ChaosReport {
  readonly events: number;
  readonly acknowledged: number;
  readonly requests: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly resent: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly effects: number;
  /** Acknowledged, and without an effect. */
  readonly missing: number;
  /** With more effects than one. */
  readonly twice: number;
  /** Effects of an account's state that come after one that was acknowledged later. */
  readonly outOfOrder: number;
  readonly dead: number;
  readonly seconds: number;
}

/** True when nothing was lost, done twice, given up, or done in the wrong order. */
export function isClean({ missing, twice, outOfOrder, dead, events, acknowledged }: ChaosReport): boolean {
  return missing + twice + outOfOrder + dead === 0 && acknowledged === events;
}

export function lines(report: ChaosReport): string[] {
  const killed = Object.entries(report.kills).map(([name, count]) => `${name} ${count}`);
  const total = Object.values(report.kills).reduce((sum, count) => sum + count, 0);
  const answers = Object.entries(report.answers).map(([status, count]) =>
    status === '0' ? `none ${count}` : `${status}: ${count}`,
  );
  return [
    `events sent                ${report.events} (in ${report.requests} requests; ${report.resent} sent again on purpose)`,
    `answers                    ${answers.join(', ')}`,
    `kill -9                    ${total} (${killed.join(', ')})`,
    `PostgreSQL restarts        ${report.restarts}`,
    `acknowledged               ${report.acknowledged}`,
    `effects                    ${report.effects}`,
    `acknowledged but missing   ${report.missing}`,
    `applied twice              ${report.twice}`,
    `out of order               ${report.outOfOrder}`,
    `dead letters               ${report.dead}`,
    `time                       ${report.seconds.toFixed(1)} s`,
  ];
}
