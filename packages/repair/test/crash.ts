/** Stands for the process a test has in hand: it can die between any two things it does. */
export class Process {
  #left = Number.POSITIVE_INFINITY;
  #when: () => boolean = () => false;
  #die: () => void = () => {};
  /** Resolves when it has died. */
  readonly death: Promise<void> = new Promise((resolve) => {
    this.#die = resolve;
  });
  dead = false;
  /** Points passed so far. */
  points = 0;

  /** Dies at the `points`th point from now. */
  dieAfter(points: number): void {
    this.#left = points;
  }

  /** Dies at the first point at which something is so. */
  dieWhen(when: () => boolean): void {
    this.#when = when;
  }

  /** A point at which it may die. What dies never comes back. */
  async point(): Promise<void> {
    this.points++;
    if (!this.dead && (--this.#left < 0 || this.#when())) {
      this.dead = true;
      this.#die();
    }
    if (this.dead) await new Promise(() => {});
  }
}
