import { type Attempt, attempt } from './queue.ts';

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 100;
const GATHER_MS = 2;
const MOST = 500;

interface Waiting {
  readonly job: Attempt;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Takes finished jobs out of a queue, many in one statement. */
export class Completions {
  readonly #remove: (attempts: { id: string; retryCount: number }[]) => Promise<unknown>;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param remove takes those out that are still ours */
  constructor(remove: (attempts: { id: string; retryCount: number }[]) => Promise<unknown>) {
    this.#remove = remove;
  }

  /** Resolves when the job is gone, also where another process has taken it over meanwhile. */
  async complete(job: Attempt): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      if (this.#waiting.length >= MOST) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
    });
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    const attempts = batch.map(({ job }) => attempt(job));
    // What was handled should not run again because the database was away for a moment.
    patiently(() => this.#remove(attempts)).then(
      () => {
        for (const { resolve } of batch) resolve();
      },
      (error) => {
        for (const { reject } of batch) reject(error);
      },
    );
  }
}

/** Tries again, for about six seconds in all. */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** attempt));
    }
  }
}
