import { callOf, type Evidence, type Promised, supportLine } from '../evidence/promises.ts';
import { treeOf } from '../evidence/trace.ts';
import type { Played } from '../story/scenes.ts';
import type { World } from '../world/world.ts';
import { printAccounts } from './accounts-view.ts';
import { printCounters, printRequests } from './metrics-view.ts';
import { duration, heading, inner, paint, print, width, wrap } from './terminal.mjs';
import { printTrace } from './trace-view.ts';

/** Three questions worth asking Prometheus, each in lines that fit. */
const QUERIES = [
  ['sum by (url_template) (rate(nylas_client_requests_total[1m]))'],
  [
    'histogram_quantile(0.95, sum by (le, url_template) (',
    '  rate(nylas_client_request_duration_seconds_bucket[1m])))',
  ],
  ['max by (nylas_provider, nylas_account_state) (nylas_accounts) > 0'],
];

/** How a scene went, in the columns of its line: Nylas's answers and the service's. */
export function sceneNote({ nylas, answer }: Played): string {
  const steps = nylas.map((word) => paint(word.startsWith('2') ? 'green' : 'red', word)).join(' ');
  return `${steps} ${paint('dim', '→')} ${paint(answer.status < 400 ? 'green' : 'yellow', String(answer.status))}`;
}

/** Prints what was collected: a trace, accounts, metrics, the line for support. */
export function printEvidence(evidence: Evidence): void {
  const { spans, page, before, after, log, starMailbox } = evidence;
  const root = callOf(spans, starMailbox)?.server;
  if (root !== undefined) {
    const size = spans.filter(({ traceId }) => traceId === root.traceId).length;
    heading('One trace', `${size} spans in ${duration(root.duration)}`);
    printTrace(treeOf(root, spans));
  }
  heading('Accounts', 'nylas_accounts, before → after');
  printAccounts(before.gauged, after.gauged);
  heading('Requests to Nylas');
  printRequests(page);
  heading('Counted');
  printCounters(page);
  const line = supportLine(log);
  if (line === undefined) return;
  heading('For Nylas support', 'a line of the log');
  for (const part of wrap(String(line.msg), inner - 2)) print(part);
}

/**
 * Prints what was seen of all that is promised.
 *
 * @param every also the promises that were kept
 * @returns true when all were kept
 */
export function printVerdict(promises: readonly Promised[], evidence: Evidence, every: boolean): boolean {
  const verdicts = promises.map(({ title, missing }) => ({ title, missing: missing(evidence) }));
  const broken = verdicts.filter(({ missing }) => missing !== undefined);
  heading(broken.length === 0 ? 'Promised and seen' : 'Promised, but not all seen');
  for (const { title, missing } of verdicts) {
    if (missing !== undefined) {
      print(`${paint('red', '✘')} ${title}`);
      for (const line of wrap(missing, width - 6)) print(`    ${paint('red', line)}`);
    } else if (every) print(`${paint('green', '✔')} ${title}`);
  }
  if (broken.length === 0 && !every) print(`${paint('green', '✔')} all ${verdicts.length} things`);
  return broken.length === 0;
}

/** Prints where to look further. */
export function printWhereToLook({ service, prometheus }: World): void {
  heading('Look around');
  print(`Nylas metrics    ${paint('cyan', `${service.url}/metrics/nylas`)}`);
  print(`the service's    ${paint('cyan', `${service.url}/metrics`)}`);
  if (prometheus === undefined) {
    print(paint('dim', 'Prometheus       not installed: with it on the PATH, the demo starts one'));
  } else {
    print(`Prometheus       ${paint('cyan', prometheus.url)}, and three queries to try:`);
    for (const line of QUERIES.flat()) print(`  ${line}`);
  }
}
