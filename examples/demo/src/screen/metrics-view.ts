import type { MetricsPage } from '../evidence/metrics-page.ts';
import { printBeside, tableLines } from './table.ts';
import { duration, inner, pad, paint, print, wrap } from './terminal.mjs';

const ROUTE = 52;
const COUNT = 6;
const QUANTILE = 8;
const NO_BREAK = '\u00a0';
const SLO_GOOD: ReadonlySet<string> = new Set(['success', 'client_error', 'invalid_credentials']);

/** Prints the requests by route and status, with latencies. */
export function printRequests(page: MetricsPage): void {
  const head = [
    pad(paint('dim', 'nylas_client_requests_total'), ROUTE),
    pad(paint('dim', 'count'), COUNT, 'right'),
    ...['p50', 'p95'].map((title) => pad(paint('dim', title), QUANTILE, 'right')),
  ];
  print(head.join(' '));
  for (const { key, value } of page.sumBy(
    'nylas_client_requests_total',
    'http_request_method',
    'url_template',
  )) {
    const [method = '', template = ''] = key;
    const route = { http_request_method: method, url_template: template };
    const quantiles = [0.5, 0.95].map((quantile) => {
      const seconds = page.quantile('nylas_client_request_duration_seconds', quantile, route);
      return pad(seconds === undefined ? '' : duration(seconds * 1000), QUANTILE, 'right');
    });
    print(
      [pad(`${pad(method, 4)} ${template}`, ROUTE), pad(String(value), COUNT, 'right'), ...quantiles].join(
        ' ',
      ),
    );
    const failures = failuresOf(page, method, template);
    if (failures === '') continue;
    for (const line of wrap(failures, inner - 7)) print(`     ${line.replaceAll(NO_BREAK, ' ')}`);
  }
}

/** Statuses and error types other than success; nothing for a route where all went well. */
function failuresOf(page: MetricsPage, method: string, template: string): string {
  const kinds = page
    .sumBy(
      'nylas_client_requests_total',
      'http_request_method',
      'url_template',
      'http_response_status_code',
      'error_type',
    )
    .filter(({ key }) => key[0] === method && key[1] === template)
    .map(({ key: [, , status = '', error = ''], value }) => ({ status, error, value }))
    .sort((a, b) => (a.status || '999').localeCompare(b.status || '999'));
  if (kinds.every(({ error }) => error === '')) return '';
  return kinds
    .map(({ status, error, value }) => {
      const name = error === '' || error === status ? status : `${status} ${error}`.trim();
      return `${paint(error === '' ? 'green' : 'red', name.replaceAll(' ', NO_BREAK))}${NO_BREAK}×${value}`;
    })
    .join(' · ');
}

/** Prints the small counters beside each other: 429s by source, retries, transitions, callers. */
export function printCounters(page: MetricsPage): void {
  const block = (title: string, rows: readonly (readonly [string, number])[]) =>
    tableLines(
      [{ title }, { title: '', side: 'right' }],
      rows.map(([name, value]) => [name, String(value)]),
    );
  printBeside(
    block(
      '429s by source',
      page
        .sumBy('nylas_client_rate_limits_total', 'nylas_rate_limit_source')
        .map(({ key: [source = ''], value }) => [source === 'provider' ? 'mail provider' : source, value]),
    ),
    block(
      'Retries by reason',
      page
        .sumBy('nylas_client_retries_total', 'nylas_retry_reason')
        .map(({ key: [reason = ''], value }) => [words(reason), value]),
    ),
    block(
      'Transitions of accounts, noticed by',
      page
        .sumBy(
          'nylas_account_transitions_total',
          'nylas_account_state_from',
          'nylas_account_state',
          'nylas_account_signal',
        )
        .map(({ key: [from, to = '', signal], value }) => [`${from} → ${words(to)}, ${signal}`, value]),
    ),
  );
  print();
  printBeside(
    block(
      'Requests by outcome',
      page
        .sumBy('nylas_client_request_duration_seconds_count', 'nylas_outcome')
        .map(({ key: [outcome = ''], value }) => [
          paint(SLO_GOOD.has(outcome) ? 'green' : 'red', words(outcome)),
          value,
        ]),
    ),
    block(
      'Requests by what caused them',
      page
        .sumBy('nylas_client_caller_requests_total', 'nylas_caller')
        .map(({ key: [caller = ''], value }) => [caller, value]),
    ),
  );
}

function words(value: string): string {
  return value.replaceAll('_', ' ');
}
