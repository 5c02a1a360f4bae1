import type { FaultRule } from '@nylas-otel/simulator';
import type { Stage } from './stage.ts';

/** Something that happens, the alerts that must come of it, and how it ends. */
export interface Cause<S extends Stage = Stage> {
  readonly what: string;
  readonly alerts: readonly string[];
  /** Labels that tell the alerts of this cause from those of others at the same time. */
  readonly labels: Readonly<Record<string, string>>;
  /** Part of `npm test`, too. */
  readonly always?: boolean;
  readonly begin: (stage: S) => unknown;
  readonly end: (stage: S) => unknown;
}

/** A fault of the simulated Nylas for as long as the cause lasts. */
export function fault(cause: Omit<Cause, 'begin' | 'end'> & { readonly rule: FaultRule }): Cause {
  let id: string | undefined;
  return {
    ...cause,
    begin: ({ nylas }) => {
      id = nylas.faults.add(cause.rule);
    },
    end: ({ nylas }) => id !== undefined && nylas.faults.remove(id),
  };
}
