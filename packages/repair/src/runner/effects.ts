import type { Failure, Reply } from '@nylas-otel/accounts/tracking';
import { classifyFailure, type Outcome } from '@nylas-otel/nylas-api';
import type { StoredAccount } from '@nylas-otel/store';
import type { EffectKind, Fact, Intent, RepairState } from '../machine/repair-state.ts';
import type { ManagedAccount, ManagementApi } from '../nylas/management-api.ts';
import { CallbackTimeout, type People, type RepairedAccount } from './people.ts';

/** What came of an effect. */
export interface EffectResult {
  readonly fact: Fact;
  readonly outcome: Outcome;
  readonly errorType: string | undefined;
  readonly requestId?: string | undefined;
  /** What a read has found, for the tracker. */
  readonly found?: ManagedAccount;
  /** When it was asked for, Unix milliseconds. */
  readonly at: number;
}

/** Carries effects out. Never rejects but for defects. */
export interface Effects {
  carryOut(state: RepairState, intent: Intent, account: StoredAccount): Promise<EffectResult>;
}

/** What {@link effects} needs. */
export interface EffectParts {
  readonly nylas: ManagementApi;
  readonly people: People;
  readonly now: () => number;
}

/** The effects of repair on Nylas and on people. */
export function effects({ nylas, people, now }: EffectParts): Effects {
  return {
    async carryOut(state, intent, account) {
      const at = now();
      const shown = repairedAccount(account);
      const { reason } = state;
      const key = `${account.id}:${state.since}:${intent.effect}:${state.prompts}`;
      switch (intent.effect) {
        case 'read':
          return onFound(await nylas.find(account.id), at);
        case 'downgrade':
          return onReply(await nylas.downgrade(account.id), at);
        case 'upgrade':
          return onReply(await nylas.upgrade(account.id), at);
        case 'revoke':
          return await revoke(account.id, await tokenOf(people, shown), nylas, at);
        case 'prompt':
          return await telling(
            () => people.prompt({ account: shown, reason, attempt: state.prompts, key }),
            at,
          );
        case 'escalate':
          return await telling(() => people.escalate({ account: shown, reason, key }), at);
      }
    },
  };
}

/** The account as callbacks see it. */
export function repairedAccount({ id, email, provider, state, since }: StoredAccount): RepairedAccount {
  return { id, email, provider, state, since: new Date(since) };
}

/** An effect that was not begun, as there is no time left for it. */
export function notBegunInTime(at: number): EffectResult {
  return { fact: { kind: 'failed', sure: true }, outcome: 'timeout', errorType: 'timeout', at };
}

/** True when an effect of this kind is an action of the contract that ended; a downgrade is half of one. */
export function isWholeAction(effect: EffectKind, outcome: Outcome): boolean {
  return effect !== 'downgrade' || outcome !== 'success';
}

function onFound(reply: Reply<ManagedAccount>, at: number): EffectResult {
  if (reply.ok) {
    const { reading, billing } = reply.value;
    return {
      ...SUCCESS,
      fact: { kind: 'read', reading: { state: reading.state, billing } },
      found: reply.value,
      at,
    };
  }
  if (reply.failure.status === 404) return { ...SUCCESS, fact: { kind: 'read', reading: undefined }, at };
  return onFailure(reply.failure, at);
}

function onReply(reply: Reply<true>, at: number): EffectResult {
  return reply.ok ? { ...SUCCESS, fact: { kind: 'done' }, at } : onFailure(reply.failure, at);
}

const SUCCESS = { outcome: 'success', errorType: undefined } as const;

/** Nylas has refused it, so nothing happened; or nobody knows. */
function onFailure(failure: Failure, at: number): EffectResult {
  const { status, outcome, errorType, requestId } = failure;
  const sure = status >= 400 && status < 500 && status !== 408;
  return { fact: { kind: 'failed', sure }, outcome, errorType, requestId, at };
}

async function revoke(
  id: string,
  token: string | undefined,
  nylas: ManagementApi,
  at: number,
): Promise<EffectResult> {
  if (token === undefined)
    return { fact: { kind: 'failed', sure: true }, outcome: 'client_error', errorType: '_OTHER', at };
  return onReply(await nylas.revokeOthers(id, token), at);
}

async function tokenOf(people: People, account: RepairedAccount): Promise<string | undefined> {
  try {
    return await people.accessToken(account);
  } catch {
    return undefined;
  }
}

async function telling(tell: () => Promise<void>, at: number): Promise<EffectResult> {
  try {
    await tell();
    return { ...SUCCESS, fact: { kind: 'done' }, at };
  } catch (error) {
    const late = error instanceof CallbackTimeout;
    const { outcome, errorType } = classifyFailure(error);
    return {
      fact: { kind: 'failed', sure: !late },
      outcome: late ? 'timeout' : outcome,
      errorType: late ? 'timeout' : (errorType ?? '_OTHER'),
      at,
    };
  }
}
