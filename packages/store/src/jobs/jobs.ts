/** What a job's handler is told. */
export interface JobCall {
  /** Which run of the job this is, from 1. */
  readonly run: number;
  /** Aborted when the store closes or the job has taken too long. */
  readonly signal: AbortSignal;
}

/** How a queue runs its jobs. */
export interface QueueOptions {
  /** Jobs at one time in this process. Default 1. */
  readonly concurrency?: number;
  /** Runs until a job is given up. Default 5, with exponential back-off. */
  readonly maxRuns?: number;
  /** Seconds after which a running job counts as lost with its process and is run again. Default 900. */
  readonly expireSeconds?: number;
}

/** How one job is sent. */
export interface SendOptions {
  /** At most one waiting or running job of the queue has this key; a second `send` is dropped. */
  readonly key?: string;
  /** Unix milliseconds before which it does not run. */
  readonly notBefore?: number;
}

/** Durable jobs over all processes of the application (pg-boss). */
export interface Jobs {
  /** @returns false when a job with the same key is there already */
  send(queue: string, data: object, options?: SendOptions): Promise<boolean>;
  /** Works on a queue until the store closes or the returned function is called. */
  work<Data extends object>(
    queue: string,
    handler: (data: Data, call: JobCall) => Promise<void>,
    options?: QueueOptions,
  ): Promise<() => Promise<void>>;
  /**
   * Runs `handler` every `seconds` in one process at a time, over all that call this with the same name: the work of
   * poll shards is done once by ten replicas, and taken over when its process dies. A run is never beside another of
   * the same name, also where it takes longer than `seconds`.
   */
  every(
    name: string,
    seconds: number,
    handler: (call: JobCall) => Promise<void>,
    options?: Pick<QueueOptions, 'expireSeconds'>,
  ): Promise<() => Promise<void>>;
}
