import type { ExitName } from '../exit-codes.ts';
import { type AccountReport, accountReport } from '../operations/account-operations.ts';
import { callOperation } from '../operations/call-operation.ts';
import { maskAddress } from '../terminal/mask.ts';
import { ago, localAndUtc, timeCells, utcTime } from '../terminal/time.ts';
import { STATE_TONES } from './accounts-list.ts';
import { argument, type CommandContext } from './command.ts';
import { timeFlag, wholeFlag } from './flag-values.ts';
import { journalWords } from './journal-words.ts';

/** What the journal's kinds are called where a person reads them. */
const KINDS: Readonly<Record<string, string>> = { request_error: 'request' };

/** `nylas-otel accounts show <account>` and `accounts history <account>`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output, now } = context;
  const since = timeFlag(context, 'since');
  const { result } = await callOperation(context, accountReport, {
    account: argument(context, 'account') ?? '',
    limit: wholeFlag(context, 'limit', 1, 9_999) ?? 50,
    ...(since === undefined ? {} : { since }),
  });
  const { account } = result;
  const email =
    account.email === undefined
      ? undefined
      : context.flags.full === true
        ? account.email
        : maskAddress(account.email);
  output.result(shown(result, email));
  output.line([output.paint('strong', account.id), email, account.provider].filter(Boolean).join('  '));
  const state = output.paint(STATE_TONES[account.state], account.state);
  const raw = account.raw === account.state ? '' : ` (Nylas says ${account.raw})`;
  output.line(`${state}${raw} for ${ago(account.since, now())}, since ${localAndUtc(account.since)}`);
  if (account.unhealthySince !== undefined && account.unhealthySince !== account.since) {
    output.line(
      `not healthy for ${ago(account.unhealthySince, now())}, since ${localAndUtc(account.unhealthySince)}`,
    );
  }
  showHistory(context, result);
  return 'ok';
}

function showHistory({ output }: CommandContext, { transitions, journal }: AccountReport): void {
  const rows = [
    ...transitions.map(({ time, from, to, raw, signal }) => ({
      time,
      kind: 'state',
      words: `${from} → ${to}${raw === to ? '' : ` (Nylas says ${raw})`}, seen by ${signal}`,
    })),
    ...journal.map(({ time, kind, data }) => ({ time, kind, words: journalWords(kind, data) })),
  ].sort((a, b) => b.time - a.time);
  output.line();
  if (rows.length === 0) {
    output.line('Nothing happened to it since it is watched.');
    return;
  }
  output.table(
    [
      { title: 'TIME (LOCAL)', whole: true },
      { title: 'TIME (UTC)', spare: true },
      { title: 'WHAT', least: 8 },
      { title: '', least: 28, wraps: true },
    ],
    rows.map(({ time, kind, words }) => [...timeCells(time), KINDS[kind] ?? kind, words]),
  );
}

function shown({ account, transitions, journal }: AccountReport, email: string | undefined): object {
  const utc = <T extends { readonly time: number }>(row: T): object => ({ ...row, time: utcTime(row.time) });
  return {
    account: {
      ...account,
      email: email ?? null,
      since: utcTime(account.since),
      unhealthySince: account.unhealthySince === undefined ? null : utcTime(account.unhealthySince),
    },
    transitions: transitions.map(utc),
    journal: journal.map(utc),
  };
}
