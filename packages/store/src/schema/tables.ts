/** Our tables, by their qualified names. */
export interface Tables {
  readonly migration: string;
  readonly eventKey: string;
  readonly eventContent: string;
  readonly eventWaiting: string;
  readonly eventFeed: string;
  readonly deadLetter: string;
  readonly quarantine: string;
  readonly account: string;
  readonly accountCount: string;
  readonly transition: string;
  readonly journal: string;
  readonly record: string;
  readonly uptime: string;
  readonly downtimeCounted: string;
  /** pg-boss's jobs: read only, everything else goes through its functions. */
  readonly job: string;
}

/** @param schema checked by the options */
export function tablesOf(schema: string): Tables {
  return {
    migration: `${schema}.migration`,
    eventKey: `${schema}.event_key`,
    eventContent: `${schema}.event_content`,
    eventWaiting: `${schema}.event_waiting`,
    eventFeed: `${schema}.event_feed`,
    deadLetter: `${schema}.dead_letter`,
    quarantine: `${schema}.quarantine`,
    account: `${schema}.account`,
    accountCount: `${schema}.account_count`,
    transition: `${schema}.transition`,
    journal: `${schema}.journal`,
    record: `${schema}.record`,
    uptime: `${schema}.uptime`,
    downtimeCounted: `${schema}.downtime_counted`,
    job: `${jobsSchema(schema)}.job`,
  };
}

/** pg-boss's own schema. */
export function jobsSchema(schema: string): string {
  return `${schema}_jobs`;
}
