/** A time in which no process was able to accept webhooks. Unix milliseconds. */
export interface DowntimeWindow {
  readonly from: number;
  readonly to: number;
  /** `crash`: no heartbeat; `stopped`: closed in order; `refusing`: alive, but not able to store. */
  readonly cause: 'crash' | 'stopped' | 'refusing';
}

/** Heartbeats of all receivers of the application, from which downtime is read exactly (to the beat). */
export interface UptimeLedger {
  /** Notes that this process can accept; call every few seconds. `able` false: alive, but refusing. */
  beat(able: boolean): Promise<void>;
  /** Windows that no process covered, oldest first; the last may reach until now. */
  downtime(since: number, until?: number): Promise<readonly DowntimeWindow[]>;
}
