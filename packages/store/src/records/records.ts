/** A small JSON value with a version for compare-and-swap. */
export interface StoredRecord<Value> {
  readonly key: string;
  readonly value: Value;
  /** 1 for a new record, one more at each change. */
  readonly version: number;
  /** A bounded word to count by: the step a repair is in. */
  readonly tag: string | undefined;
  /** Unix milliseconds when somebody should look at it again. */
  readonly due: number | undefined;
}

/** What is written beside the value. */
export interface RecordMarks {
  readonly tag?: string;
  /** Unix milliseconds when somebody should look at it again; without it nobody has to. */
  readonly due?: number;
}

/** A named collection of records of one application: repair states, cursors, recovery runs, prompts. */
export interface Records<Value> {
  get(key: string): Promise<StoredRecord<Value> | undefined>;
  /** Those of these keys that are there, in no order, in one query. */
  getMany(keys: readonly string[]): Promise<readonly StoredRecord<Value>[]>;
  /** Inserts; false when the key is there already. */
  add(key: string, value: Value, marks?: RecordMarks): Promise<boolean>;
  /** Replaces the record when it still has `version`; false when it is gone or somebody was faster. */
  replace(key: string, version: number, value: Value, marks?: RecordMarks): Promise<boolean>;
  /** Inserts or replaces, whatever is there. */
  set(key: string, value: Value, marks?: RecordMarks): Promise<void>;
  remove(key: string, version?: number): Promise<boolean>;
  /** In the order of keys. */
  list(options?: {
    readonly after?: string;
    readonly limit?: number;
    readonly tag?: string;
  }): Promise<readonly StoredRecord<Value>[]>;
  /** Those due at or before `now`, longest due first. */
  due(now: number, limit: number): Promise<readonly StoredRecord<Value>[]>;
  countByTag(): Promise<ReadonlyMap<string, number>>;
}
