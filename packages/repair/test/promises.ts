import { HOUR, type RepairWorld } from './repair-world.ts';

const DAY = 24 * HOUR;
const CHANGES: ReadonlySet<string> = new Set(['downgrade', 'prompt', 'escalate']);

/** Watches that repair keeps its promises; `broken` lists what it did that it must not do. */
export class Promises {
  readonly broken: string[] = [];
  /** An operator has asked for a restart that was not made yet. */
  asked = false;
  readonly #world: RepairWorld;
  #lastRestart = Number.NEGATIVE_INFINITY;

  constructor(world: RepairWorld) {
    this.#world = world;
    world.nylas.watch = (what) => this.#check(what);
  }

  #check(what: string): void {
    const { now, nylas, policy, hold } = this.#world;
    const last = (other: string): number => nylas.times(other).at(-1) ?? Number.NEGATIVE_INFINITY;
    if (what === 'prompt' && now - last('prompt') < DAY) this.broken.push('a second prompt within 24 h');
    if (what === 'escalate' && now - last('escalate') < DAY)
      this.broken.push('a second escalation within 24 h');
    if (what === 'downgrade') {
      if (nylas.billing === 'cancelled') this.broken.push('a downgrade of a downgraded account');
      if (!this.asked && now - this.#lastRestart < policy.restartEveryMs)
        this.broken.push('a second restart');
      this.#lastRestart = now;
    }
    const operators = what === 'downgrade' && this.asked;
    if (CHANGES.has(what) && !operators) {
      if (policy.dryRun) this.broken.push(`${what} in a dry run`);
      if (hold !== undefined) this.broken.push(`${what} during a pause`);
    }
    if (what === 'downgrade') this.asked = false;
    if (what === 'downgrade' && policy.version === 'v3') this.broken.push('a restart of a grant');
  }
}
