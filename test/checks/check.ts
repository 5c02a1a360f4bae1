/** Something that must hold of the workspace beside its tests. */
export interface Check {
  /** Shown beside the tick, and given to `npm run check -- NAME` to run it alone. */
  readonly name: string;
  /** Name of the check whose work this one needs done. */
  readonly after?: string;
  /** Answers what is wrong, ready to be printed: nothing, when it holds. */
  readonly run: () => Promise<readonly string[] | Findings>;
}

/** What is wrong, and what is worth saying although nothing is. */
export interface Findings {
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** How a check went. */
export interface Outcome extends Findings {
  readonly name: string;
  readonly seconds: number;
}

/**
 * Runs the checks, `limit` at a time, and tells of each as it ends. A check that throws has failed,
 * and so has one whose predecessor has.
 */
export async function runChecks(
  checks: readonly Check[],
  limit: number,
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const waiting = [...checks];
  const ended = new Map<string, Outcome>();
  const chosen = new Set(checks.map((check) => check.name));

  async function work(): Promise<void> {
    for (let check = takeNext(); check; check = takeNext()) {
      const before = ended.get(check.after ?? '');
      const outcome = before?.problems.length ? notRun(check) : await outcomeOf(check);
      ended.set(check.name, outcome);
      tell(outcome);
    }
  }

  function takeNext(): Check | undefined {
    const index = waiting.findIndex(({ after }) => !after || !chosen.has(after) || ended.has(after));
    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  }

  // A worker that finds all that is left waiting goes home; the one that holds them up comes back for them.
  await Promise.all(Array.from({ length: limit }, work));
  return [...ended.values()];
}

function notRun({ name, after }: Check): Outcome {
  return { name, problems: [`Not run, for ${after} failed.`], notes: [], seconds: 0 };
}

async function outcomeOf({ name, run }: Check): Promise<Outcome> {
  const start = performance.now();
  const found = await run().catch((error: unknown) => [
    error instanceof Error ? `${error.stack}` : `${error}`,
  ]);
  const { problems, notes } = 'problems' in found ? found : { problems: found, notes: [] };
  return { name, problems, notes, seconds: (performance.now() - start) / 1000 };
}
