import { ACCOUNT_STATES, type AccountState } from '@nylas-otel/nylas-api';
import { NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { sweepAccounts } from '../nylas/sweep-accounts.ts';
import { type AccountList, type AccountListInput, listAccounts } from '../operations/account-operations.ts';
import { callOperation, hasState, runningExporter } from '../operations/call-operation.ts';
import { knownAccounts } from '../operations/known-accounts.ts';
import { maskAddress } from '../terminal/mask.ts';
import type { Tone } from '../terminal/output.ts';
import { agoCell, timeCells, utcTime } from '../terminal/time.ts';
import { type CommandContext, flagText } from './command.ts';
import { failedSweep } from './failed-sweep.ts';
import { wholeFlag } from './flag-values.ts';

const NARROW =
  'Since when, in local time and UTC: in a wider terminal, with accounts show <account>, or with --json.';

/** How good a state is. */
export const STATE_TONES: Readonly<Record<AccountState, Tone>> = {
  running: 'good',
  initializing: 'faint',
  partial: 'warning',
  stopped: 'bad',
  invalid: 'bad',
  sync_error: 'bad',
  exception: 'bad',
  deleted: 'faint',
  unknown: 'warning',
};

/** `nylas-otel accounts list`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output, now } = context;
  const input = inputOf(context);
  const live = context.flags.live === true || !(hasState(context) || (await runningExporter(context)));
  const { accounts, counts, more } = live ? await liveList(context, input) : await storedList(context, input);
  const full = context.flags.full === true;
  const email = (address: string | undefined): string =>
    address === undefined ? '' : full ? address : maskAddress(address);
  output.result({
    source: live ? 'nylas' : 'store',
    counts,
    more,
    accounts: accounts.map(({ since, unhealthySince, ...account }) => ({
      ...account,
      email: account.email === undefined ? null : email(account.email),
      since: utcTime(since),
      unhealthySince: unhealthySince === undefined ? null : utcTime(unhealthySince),
    })),
  });
  const leftOut = output.table(
    [
      { title: 'ACCOUNT', whole: true },
      { title: 'ADDRESS' },
      { title: 'PROVIDER' },
      { title: 'STATE', whole: true },
      { title: 'FOR', side: 'right', whole: true },
      { title: 'SINCE (LOCAL)', spare: true },
      { title: 'SINCE (UTC)', spare: true },
    ],
    accounts.map((account) => [
      account.id,
      email(account.email),
      account.provider,
      { text: account.state, tone: STATE_TONES[account.state] },
      agoCell(account.since, now()),
      ...timeCells(account.since),
    ]),
  );
  output.line();
  const words = ACCOUNT_STATES.filter((state) => counts[state] > 0).map((state) =>
    output.paint(STATE_TONES[state], `${counts[state]} ${state}`),
  );
  output.line(`${words.join(', ') || 'no accounts'}${live ? ', read from Nylas now' : ''}`);
  if (leftOut.length > 0) output.line(output.paint('faint', NARROW));
  if (more) output.line(`There are more: --limit ${accounts.length * 10}`);
  return 'ok';
}

function inputOf(context: CommandContext): AccountListInput {
  const state = flagText(context, 'state');
  const provider = flagText(context, 'provider');
  if (state !== undefined && !ACCOUNT_STATES.some((known) => known === state)) {
    throw new NylasOtelError('usage', 'There is no such state.', `There are: ${ACCOUNT_STATES.join(', ')}.`);
  }
  return {
    limit: wholeFlag(context, 'limit', 1, 9_999) ?? 100,
    ...(state === undefined ? {} : { state: state as AccountState }),
    ...(provider === undefined ? {} : { provider }),
    ...(context.flags.unhealthy === true ? { unhealthy: true } : {}),
  };
}

async function storedList(context: CommandContext, input: AccountListInput): Promise<AccountList> {
  return (await callOperation(context, listAccounts, input)).result;
}

async function liveList(context: CommandContext, input: AccountListInput): Promise<AccountList> {
  const { output, settings, signal } = context;
  const sweep = await output.during('accounts', (progress) =>
    sweepAccounts(settings, { signal, progress, known: (over) => knownAccounts(context, over) }),
  );
  if (sweep.outcome !== 'success') throw failedSweep(sweep);
  const { limit = 100, state, provider, unhealthy } = input;
  const fitting = sweep.accounts.filter(
    (account) =>
      (state === undefined || account.state === state) &&
      (provider === undefined || account.provider === provider) &&
      (unhealthy === undefined || account.unhealthySince !== undefined),
  );
  return {
    counts: sweep.byState,
    more: fitting.length > limit,
    accounts: fitting.slice(0, limit).map((account) => ({
      id: account.id,
      email: account.email,
      provider: account.provider,
      state: account.state,
      raw: account.rawState,
      since: account.since.getTime(),
      unhealthySince: account.unhealthySince?.getTime(),
    })),
  };
}
