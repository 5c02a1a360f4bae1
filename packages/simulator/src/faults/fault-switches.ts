import { RandomStream } from '../data/random.ts';
import type { Exchange } from '../http/exchange.ts';
import { SimulatorError } from '../simulator-error.ts';
import { checkFaultRule } from './check-fault-rule.ts';
import type { ActiveFault, FaultControl, FaultRule } from './fault-rule.ts';
import { compileRoutePattern, type RoutePattern } from './route-pattern.ts';

interface Switch {
  readonly id: string;
  readonly rule: FaultRule;
  readonly route: RoutePattern | undefined;
  readonly method: string | undefined;
  readonly chance: RandomStream;
  seen: number;
  hits: number;
}

/** A rule that fires too often must not grow without end. */
const MAX_RULES = 10_000;

/** The faults that are on. */
export class FaultSwitches implements FaultControl {
  readonly #seed: number;
  #switches: Switch[] = [];
  #serial = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  add(rule: FaultRule): string {
    const checked = checkFaultRule(rule);
    if (this.#switches.length >= MAX_RULES) {
      throw new SimulatorError('invalid_fault', `${MAX_RULES} rules are on; clear() those that are used up`);
    }
    const serial = ++this.#serial;
    const id = `fault-${serial}`;
    this.#switches.push({
      id,
      rule: checked,
      route: checked.route === undefined ? undefined : compileRoutePattern(checked.route),
      method: checked.method?.toUpperCase(),
      chance: new RandomStream(this.#seed + serial * 1009),
      seen: 0,
      hits: 0,
    });
    return id;
  }

  remove(id: string): boolean {
    const before = this.#switches.length;
    this.#switches = this.#switches.filter((one) => one.id !== id);
    return this.#switches.length < before;
  }

  clear(): void {
    this.#switches = [];
  }

  /** Starts numbering, and with it the chances, from the beginning. */
  rewind(): void {
    this.#serial = 0;
  }

  list(): readonly ActiveFault[] {
    return this.#switches.map(({ id, rule, seen, hits }) => ({ id, rule, seen, hits }));
  }

  /** Whether any rule is on; checked before anything else, so that a simulator without faults pays nothing. */
  get any(): boolean {
    return this.#switches.length > 0;
  }

  /** The rule that hits this request, or undefined. Counts. */
  pick(x: Exchange): FaultRule | undefined {
    for (const one of this.#switches) {
      if (!fits(one, x)) continue;
      const { after = 0, times, probability } = one.rule;
      one.seen++;
      if (one.seen <= after) continue;
      if (times !== undefined && one.hits >= times) continue;
      if (probability !== undefined && one.chance.next() >= probability) continue;
      one.hits++;
      return one.rule;
    }
    return undefined;
  }
}

function fits(one: Switch, x: Exchange): boolean {
  const { grant, account } = one.rule;
  if (one.method !== undefined && one.method !== x.method) return false;
  if (grant !== undefined && x.grant?.id !== grant && x.grant?.email !== grant) return false;
  if (account !== undefined && x.account?.id !== account && x.account?.email !== account) return false;
  return one.route === undefined || one.route.fits(x);
}
