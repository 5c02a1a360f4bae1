import type { NylasStore, StoredAccount } from '@nylas-otel/store';
import type { RepairState } from '../machine/repair-state.ts';
import { reauthLink } from '../nylas/reauth-link.ts';
import { NylasRepairError } from '../repair-error.ts';
import { REPAIRS } from '../runner/repair-records.ts';
import type { HistoryEntry, RepairView } from './account-monitor.ts';
import type { MonitorSettings } from './monitor-options.ts';
import type { MonitorParts } from './monitor-parts.ts';

/** Kind of the journal's lines on what operators did. */
const OPERATOR = 'operator';
const TOKEN_KEPT_MS = 3_600_000;

/** What people ask of repair. Works in any process that has the store. */
export class Operator {
  readonly #settings: MonitorSettings;
  readonly #store: NylasStore;
  readonly #parts: Pick<MonitorParts, 'runner' | 'control' | 'newTokens'>;

  constructor(settings: MonitorSettings, parts: Pick<MonitorParts, 'runner' | 'control' | 'newTokens'>) {
    this.#settings = settings;
    this.#store = settings.store;
    this.#parts = parts;
  }

  async restart(name: string, force: boolean, now: number): Promise<void> {
    const { policy } = this.#settings;
    if (policy.version === 'v3')
      throw new NylasRepairError(
        'NYLAS_REPAIR_NO_RESTART',
        'Grants of API v3 cannot be restarted: they are valid or invalid. Ask the user to authenticate again (reauthLink).',
      );
    const account = await this.find(name);
    const restart = (await this.#record(account.id))?.restart;
    if (!force && restart !== undefined && now < restart.at + policy.restartEveryMs)
      throw new NylasRepairError(
        'NYLAS_REPAIR_TOO_SOON',
        `The account was restarted at ${new Date(restart.at).toISOString()}, less than repair.restartEvery ago. Use force, or ask its user to authenticate again.`,
      );
    await this.#note(account.id, { request: 'restart', force });
    await this.#parts.runner.tell(account, { kind: 'restart' });
    await this.#parts.runner.look(account.id);
  }

  async reauthLink(name: string): Promise<string> {
    const { reauth } = this.#settings;
    const account = await this.find(name);
    if (reauth === undefined)
      throw new NylasRepairError(
        'NYLAS_REPAIR_NO_LINK',
        'It is not known where users authenticate again. Give createAccountMonitor the option reauth: { clientId, redirectUri }.',
      );
    await this.#note(account.id, { request: 'reauth_link' });
    return reauthLink(this.#settings, reauth, account);
  }

  async markReauthenticated(name: string, newToken: string | undefined): Promise<void> {
    const account = await this.find(name);
    const { newTokens, runner } = this.#parts;
    if (newToken !== undefined) {
      newTokens.set(account.id, newToken);
      setTimeout(() => newTokens.delete(account.id), TOKEN_KEPT_MS).unref();
    }
    await this.#note(account.id, { request: 'reauthenticated' });
    await runner.tell(account, { kind: 'reauthenticated' });
    // In this process, which has the token.
    await runner.look(account.id);
  }

  async pause(why: string): Promise<void> {
    await this.#note(undefined, { request: 'pause', why });
    await this.#parts.control.holdBy(why);
  }

  async resume(): Promise<void> {
    await this.#note(undefined, { request: 'resume' });
    await this.#parts.control.release();
  }

  async repair(name: string): Promise<RepairView | undefined> {
    const repair = await this.#record((await this.find(name)).id);
    if (repair === undefined) return undefined;
    const { step, reason, since, restart, prompt, escalation, plan } = repair;
    return {
      step,
      reason,
      since: new Date(since),
      restartedAt: dateOf(restart?.at),
      promptedAt: dateOf(prompt?.at),
      escalatedAt: dateOf(escalation?.at),
      planned: plan,
    };
  }

  async history(name: string, limit: number): Promise<readonly HistoryEntry[]> {
    const { id } = await this.find(name);
    const [transitions, lines] = await Promise.all([
      this.#store.accounts.history(id, { limit }),
      this.#store.journal.read({ accountId: id, limit }),
    ]);
    const entries: HistoryEntry[] = [
      ...transitions.map(({ time, from, to, raw, signal }) => ({
        time: new Date(time),
        kind: 'transition',
        data: { from, to, raw, signal },
      })),
      ...lines.map(({ time, kind, data }) => ({ time: new Date(time), kind, data })),
    ];
    return entries.sort((a, b) => b.time.getTime() - a.time.getTime()).slice(0, limit);
  }

  /** The one account of a name. */
  async find(name: string): Promise<StoredAccount> {
    const [account, other] = await this.#store.accounts.resolve(name);
    if (account === undefined)
      throw new NylasRepairError(
        'NYLAS_REPAIR_UNKNOWN_ACCOUNT',
        'There is no such account in the store. Give an account id, a grant id or the address of one; a new account is known after the next sweep.',
      );
    if (other !== undefined)
      throw new NylasRepairError(
        'NYLAS_REPAIR_AMBIGUOUS_ACCOUNT',
        `The address has several accounts (${account.id}, ${other.id}, ...). Give the id of one.`,
      );
    return account;
  }

  async #record(id: string): Promise<RepairState | undefined> {
    return (await this.#store.records<RepairState>(REPAIRS).get(id))?.value;
  }

  async #note(accountId: string | undefined, data: { readonly [key: string]: unknown }): Promise<void> {
    await this.#store.journal.append([{ kind: OPERATOR, accountId, data }]);
  }
}

function dateOf(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
