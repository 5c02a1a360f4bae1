import type { ShownError, SupportBundle } from './bundle.ts';

/** The bundle as Markdown, ready to mail. */
export function bundleMarkdown(bundle: SupportBundle): string {
  const { account } = bundle;
  const parts = [
    `# Support request: account ${account.id}`,
    section('', [
      ['Account id', code(account.id)],
      ['Provider', account.provider],
      ['State', stateLine(bundle)],
      ['Trouble', bundle.from === undefined ? undefined : `${bundle.from} to ${bundle.until ?? 'now'} (UTC)`],
      ['Message ids', bundle.messageIds.length === 0 ? undefined : bundle.messageIds.map(code).join(', ')],
      ['Application', bundle.application],
      ['Versions', versions(bundle)],
      ['Written', bundle.generatedAt],
    ]),
    list('Attention', bundle.warnings),
    text('What the user sees', bundle.userSees),
    text('Settings the user changed', bundle.settingsChanged),
    text('How to reproduce', bundle.reproduction),
    table(
      'What was tried',
      ['Time (UTC)', 'What', ''],
      bundle.tried.map(({ time, kind, text: said }) => [time, kind, said]),
    ),
    table(
      'History of the sync state',
      ['Time (UTC)', 'From', 'To', 'Nylas says', 'Seen by'],
      bundle.history.map(({ time, from, to, raw, seenBy }) => [time, from, to, raw, seenBy]),
    ),
    table(
      bundle.errorCount > bundle.errors.length
        ? `Errors (the last ${bundle.errors.length} of ${bundle.errorCount})`
        : `Errors (${bundle.errors.length})`,
      ['Time (UTC)', 'Call', 'Status', 'Error', 'Request id', 'Flow id', 'Message'],
      bundle.errors.map(errorRow),
    ),
    fenced('Sync log', bundle.syncLog),
    fenced('Code', bundle.code),
    list('Not in here', bundle.missing),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function stateLine({ account }: SupportBundle): string | undefined {
  if (account.state === undefined) return undefined;
  const since = account.stateSince === undefined ? '' : ` since ${account.stateSince}`;
  const trouble = account.unhealthySince === undefined ? '' : `, not running since ${account.unhealthySince}`;
  return `${account.state}${account.rawState === undefined ? '' : ` ("${account.rawState}")`}${since}${trouble}`;
}

function versions(bundle: SupportBundle): string {
  return Object.entries(bundle.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

function errorRow(error: ShownError): string[] {
  return [
    error.time,
    [error.method, error.template].filter((part) => part !== undefined).join(' '),
    error.status === undefined ? '' : String(error.status),
    error.errorType ?? error.name ?? '',
    error.requestId ?? '',
    error.flowId ?? '',
    error.message ?? '',
  ];
}

function section(title: string, rows: readonly (readonly [string, string | undefined])[]): string {
  const lines = rows.filter(([, value]) => value !== undefined && value !== '');
  return [
    ...(title === '' ? [] : [`## ${title}`, '']),
    ...lines.map(([name, value]) => `- **${name}:** ${oneLine(value as string)}`),
  ].join('\n');
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0
    ? ''
    : [`## ${title}`, '', ...items.map((item) => `- ${oneLine(item)}`)].join('\n');
}

function text(title: string, body: string | undefined): string {
  return body === undefined ? '' : `## ${title}\n\n${body.trim()}`;
}

function fenced(title: string, body: string | undefined): string {
  if (body === undefined) return '';
  // Longer than any fence inside.
  const inside = Math.max(2, ...[...body.matchAll(/`{3,}/g)].map(([found]) => found.length));
  const fence = '`'.repeat(inside + 1);
  return `## ${title}\n\n${fence}\n${body.trim()}\n${fence}`;
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [`## ${title}`, '', line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(value: string): string {
  return oneLine(value).replaceAll('|', '\\|');
}

function oneLine(value: string): string {
  return value.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

function code(value: string): string {
  return `\`${value.replaceAll('`', '')}\``;
}
