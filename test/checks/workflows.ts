import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const FOLDER = '.github/workflows';

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs?: Readonly<Record<string, Job>>;
}

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly { readonly uses?: string; readonly run?: string }[];
}

/** What would let somebody else's change into a release: actions by a name that can move, rights that nobody needs. */
export async function checkWorkflows(): Promise<string[]> {
  return readdirSync(FOLDER).flatMap((file) =>
    workflowProblems(file, readFileSync(join(FOLDER, file), 'utf8')),
  );
}

/** What is wrong with one workflow. */
export function workflowProblems(file: string, text: string): string[] {
  const workflow = parse(text) as Workflow;
  const problems: string[] = [];
  if (workflow.permissions === undefined) problems.push('it does not say its permissions');
  for (const [name, job] of Object.entries(workflow.jobs ?? {})) {
    if (job['timeout-minutes'] === undefined) problems.push(`job ${name} has no time limit`);
    for (const { uses, run } of job.steps ?? []) {
      if (uses !== undefined && !/@[0-9a-f]{40}$/.test(uses))
        problems.push(`${uses} is not pinned to a commit`);
      // What comes from outside (titles, branch names) would be part of the script.
      if (/\$\{\{\s*github\.(event|head_ref)/.test(run ?? ''))
        problems.push(`job ${name} runs text of an event`);
    }
  }
  return problems.map((problem) => `${file}: ${problem}.`);
}
