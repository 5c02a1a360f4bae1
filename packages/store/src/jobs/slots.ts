/** How much may be done at one time, shared by several pumps. */
export class Slots {
  #free: number;
  #starved: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  get free(): number {
    return this.#free;
  }

  take(count: number): void {
    this.#free -= count;
  }

  give(count: number): void {
    this.#free += count;
    const starved = this.#starved;
    this.#starved = [];
    for (const tell of starved) tell();
  }

  /** Calls back once, when slots come back. */
  onceFree(tell: () => void): void {
    this.#starved.push(tell);
  }
}
