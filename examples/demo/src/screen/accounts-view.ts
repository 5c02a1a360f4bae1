import type { AccountCount } from '../evidence/account-counts.ts';
import { tableLines } from './table.ts';
import { paint, print } from './terminal.mjs';

/** Prints how many accounts of each provider are in which state, and were before. */
export function printAccounts(before: readonly AccountCount[], after: readonly AccountCount[]): void {
  const seen = [...before, ...after].filter(({ count }) => count > 0);
  const states = unique(after.map(({ state }) => state)).filter((state) =>
    seen.some((account) => account.state === state),
  );
  const rows = ['v3', 'v2'].flatMap((version) => {
    const own = seen.filter((account) => account.version === version);
    return unique(own.map(({ provider }) => provider)).map((provider, index) => [
      index === 0 ? version : '',
      provider,
      ...states.map((state) => {
        const find = (counts: readonly AccountCount[]) =>
          counts.find((one) => one.version === version && one.provider === provider && one.state === state)
            ?.count ?? 0;
        return cell(find(before), find(after), state === 'running');
      }),
    ]);
  });
  const total = states.map((state) =>
    cell(totalOf(before, state), totalOf(after, state), state === 'running'),
  );
  const head = [{ title: '' }, { title: '' }, ...states.map((title) => ({ title, side: 'right' as const }))];
  for (const line of tableLines(head, [...rows, ['', paint('bold', 'all'), ...total]])) print(line);
}

function cell(before: number, after: number, healthy: boolean): string {
  if (before === after) return after === 0 ? paint('dim', '·') : String(after);
  const better = after > before === healthy;
  return `${paint('dim', `${before} →`)} ${paint(better ? 'green' : 'red', String(after))}`;
}

function totalOf(counts: readonly AccountCount[], state: string): number {
  return counts.reduce((sum, one) => sum + (one.state === state ? one.count : 0), 0);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
