/** One delivery's time. The timer never keeps a process alive. */
export class Deadline {
  readonly #timer: ReturnType<typeof setTimeout>;
  #reject: ((error: unknown) => void) | undefined;
  #giveUp: (() => void) | undefined;
  #abort: AbortController | undefined;
  #error: Error | undefined;

  /**
   * @param ms time from now
   * @param late makes the error that what is awaited then rejects with
   */
  constructor(ms: number, late: () => Error) {
    this.#timer = setTimeout(() => {
      this.#error = late();
      this.#giveUp?.();
      this.#reject?.(this.#error);
      this.#abort?.abort(this.#error);
    }, ms);
    this.#timer.unref();
  }

  /** Aborted when the time is up; made when somebody asks, as most inboxes do not. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#error !== undefined) this.#abort.abort(this.#error);
    }
    return this.#abort.signal;
  }

  /**
   * What `work` comes to, or a rejection when the time is up. One race at a time.
   *
   * @param giveUp called when the time is up, to end the work
   */
  race<T>(work: Promise<T>, giveUp?: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = giveUp;
      if (this.#error !== undefined) reject(this.#error);
      else this.#reject = reject;
      work.then(resolve, reject);
    });
  }

  /** Ends the timer. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#reject = undefined;
  }
}
