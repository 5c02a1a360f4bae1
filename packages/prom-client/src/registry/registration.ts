import type { PromMetric, PromRegistry } from './prom-registry.ts';

type Registered = PromMetric & { readonly promName: string };

/** Our metrics on one registry: put there in the order of their names, and taken back. */
export class Registration {
  readonly #registry: PromRegistry;
  /** By Prometheus name. */
  readonly #ours = new Map<string, Registered>();
  readonly #taken = new Set<string>();

  constructor(registry: PromRegistry) {
    this.#registry = registry;
  }

  /** Names that a metric of somebody else has. */
  get taken(): readonly string[] {
    return [...this.#taken].sort();
  }

  /** The metric of ours with this Prometheus name. */
  get(promName: string): Registered | undefined {
    return this.#ours.get(promName);
  }

  /** Adds a metric. On a cleared registry it waits for {@link restore} with the others. */
  add(metric: Registered): void {
    const cleared =
      this.#ours.size > this.#taken.size && ![...this.#ours.values()].some((m) => this.#holds(m));
    this.#ours.set(metric.promName, metric);
    if (!cleared) this.#place(metric);
  }

  /** Puts back what is missing, after `register.clear()`. */
  restore(): void {
    for (const name of [...this.#ours.keys()].sort()) this.#place(this.#ours.get(name) as Registered);
  }

  /** Takes all metrics of ours off the registry. */
  remove(): void {
    for (const metric of this.#ours.values()) {
      if (this.#holds(metric)) this.#registry.removeSingleMetric(metric.promName);
    }
  }

  // A registry prints in the order of registration: what comes after the newcomer by name is taken off and put back.
  #place(metric: Registered): void {
    const { promName } = metric;
    const present = this.#registry.getSingleMetric(promName);
    if (present !== undefined && present !== metric) {
      this.#taken.add(promName);
      return;
    }
    this.#taken.delete(promName);
    if (present === metric) return;
    const later = [...this.#ours.values()].filter((other) => other.promName > promName && this.#holds(other));
    later.sort((a, b) => (a.promName < b.promName ? -1 : 1));
    for (const other of later) this.#registry.removeSingleMetric(other.promName);
    for (const each of [metric, ...later]) {
      each.name = each.promName;
      this.#registry.registerMetric(each as never);
    }
  }

  #holds(metric: Registered): boolean {
    return this.#registry.getSingleMetric(metric.promName) === metric;
  }
}
