import type { HurtingReport, HurtingWindow } from '@nylas-otel/instrumentation';
import type { Output } from '../terminal/output.ts';
import { localAndUtc } from '../terminal/time.ts';
import { counted } from '../terminal/words.ts';

const SHOWN = 10;

/** Shows who hurts now as a table that a person can act on. */
export function showHurting(output: Output, from: string, report: HurtingReport): void {
  const windows: readonly (readonly [words: string, window: HurtingWindow])[] = [
    ['the last 15 minutes', report.last15Minutes],
    ['the last hour', report.lastHour],
  ];
  for (const [words, window] of windows) {
    output.line();
    output.line(output.paint('strong', `Who hurts now, ${words} (${from})`));
    showWindow(output, window);
  }
}

function showWindow(output: Output, { accounts, more, unattributed }: HurtingWindow): void {
  if (accounts.length === 0) output.line('nobody');
  else {
    const shown = accounts.slice(0, SHOWN);
    output.table(
      [
        { title: 'ACCOUNT', whole: true },
        { title: '429', side: 'right' },
        { title: '401/403', side: 'right' },
        { title: 'TIME-OUTS', side: 'right' },
        { title: '5XX', side: 'right' },
      ],
      shown.map(({ account, rateLimited, unauthorized, timedOut, serverErrors }) => [
        account,
        ...[rateLimited, unauthorized, timedOut, serverErrors].map(String),
      ]),
    );
    for (const account of shown) showLast(output, account);
  }
  const left = more + Math.max(0, accounts.length - SHOWN);
  if (left > 0) output.line(`and ${left} more`);
  const unknown = Object.values(unattributed).reduce((sum, count) => sum + count, 0);
  if (unknown > 0) output.line(`${counted(unknown, 'failure')} of requests whose account is not known`);
}

/** A line each, because an id, a request id and two times side by side fit no terminal. */
function showLast(output: Output, account: HurtingWindow['accounts'][number]): void {
  const [last] = account.lastFailures;
  output.line(output.paint('strong', account.account));
  if (last !== undefined) {
    output.line(`  last     ${localAndUtc(new Date(last.time))}`);
    if (last.requestId !== undefined) output.line(`  request  ${last.requestId}`);
  }
  output.line(`  do       ${adviceFor(account)}`);
}

function adviceFor(account: HurtingWindow['accounts'][number]): string {
  const { rateLimited, unauthorized, timedOut, serverErrors } = account;
  const most = Math.max(rateLimited, unauthorized, timedOut, serverErrors);
  if (most === unauthorized) return `nylas-otel accounts reauth-link ${account.account}`;
  if (most === rateLimited) return 'send less for it: @nylas-otel/retry has a gate for each account';
  if (most === timedOut) return 'ask for smaller pages';
  return `nylas-otel support-bundle ${account.account}`;
}
