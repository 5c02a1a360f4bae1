import type { ApiVersion } from '@nylas-otel/nylas-api';
import {
  ATTR_ERROR_TYPE,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_PROVIDER,
  ATTR_NYLAS_REPAIR_ACTION,
  ATTR_NYLAS_REPAIR_STEP,
  EVENT_NYLAS_REPAIR_ACTION,
  EVENT_NYLAS_REPAIR_PAUSED,
  METRIC_NYLAS_REPAIR_ACTIONS,
  type RepairAction,
} from '@nylas-otel/semantic-conventions';
import type { StoredAccount } from '@nylas-otel/store';
import { type AccountIdCapture, createEmitter, shownAccountId } from '@nylas-otel/telemetry';
import { type Attributes, context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import type { EffectKind, RepairStep } from '../machine/repair-state.ts';
import { SCOPE } from '../version.ts';
import type { ControlListener, RepairPause } from './control.ts';
import { type EffectResult, isWholeAction } from './effects.ts';

/** Shows what repair does. */
export interface RepairObserver extends ControlListener {
  /** Runs an effect as a span, counts it and says how it ended. */
  action(
    account: StoredAccount,
    step: RepairStep,
    effect: EffectKind,
    work: () => Promise<EffectResult>,
  ): Promise<EffectResult>;
}

const ACTIONS: Record<EffectKind, RepairAction> = {
  read: 'check',
  downgrade: 'restart',
  upgrade: 'restart',
  prompt: 'reauth_request',
  revoke: 'revoke',
  escalate: 'escalate',
};

/** Repair as spans, counts and log events. */
export function repairTelemetry(
  application: string,
  version: ApiVersion,
  capture: AccountIdCapture,
): RepairObserver {
  const emitter = createEmitter(SCOPE);
  const actions = emitter.count(METRIC_NYLAS_REPAIR_ACTIONS);
  const idName = version === 'v3' ? ATTR_NYLAS_GRANT_ID : ATTR_NYLAS_ACCOUNT_ID;
  const identity = ({ id, provider }: StoredAccount): Attributes => {
    const shown = shownAccountId(id, capture);
    return { [ATTR_NYLAS_PROVIDER]: provider, ...(shown === undefined ? {} : { [idName]: shown }) };
  };
  return {
    async action(account, step, effect, work) {
      const who = identity(account);
      const span = emitter
        .tracer()
        .startSpan(
          `nylas repair.${step}`,
          { attributes: { ...who, [ATTR_NYLAS_REPAIR_STEP]: step } },
          ROOT_CONTEXT,
        );
      const inside = trace.setSpan(ROOT_CONTEXT, span);
      try {
        const result = await context.with(inside, work);
        const { outcome, errorType } = result;
        if (outcome !== 'success') {
          span.setAttribute(ATTR_ERROR_TYPE, errorType ?? '_OTHER');
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        if (!isWholeAction(effect, outcome)) return result;
        const action = ACTIONS[effect];
        actions.add({ [ATTR_NYLAS_REPAIR_ACTION]: action, [ATTR_NYLAS_OUTCOME]: outcome });
        emitter.event({
          name: EVENT_NYLAS_REPAIR_ACTION,
          severity: action === 'escalate' ? 'error' : outcome === 'success' ? 'info' : 'warn',
          attributes: {
            ...who,
            [ATTR_NYLAS_APPLICATION]: application,
            [ATTR_NYLAS_REPAIR_ACTION]: action,
            [ATTR_NYLAS_REPAIR_STEP]: step,
            [ATTR_NYLAS_OUTCOME]: outcome,
            ...(outcome === 'success' ? {} : { [ATTR_ERROR_TYPE]: errorType ?? '_OTHER' }),
          },
          message: `Nylas repair of ${who[idName] ?? 'an account'} (application ${application}): ${action} at ${step}, ${outcome}`,
          context: inside,
        });
        return result;
      } finally {
        span.end();
      }
    },
    held: (pause) => emitter.event(pausedEvent(application, pause)),
    released: (by) =>
      emitter.event({
        name: EVENT_NYLAS_REPAIR_PAUSED,
        severity: 'info',
        attributes: { [ATTR_NYLAS_APPLICATION]: application },
        message: `Nylas repair of application ${application} goes on (was held by ${by})`,
        context: ROOT_CONTEXT,
      }),
  };
}

function pausedEvent(application: string, { by, why }: RepairPause) {
  return {
    name: EVENT_NYLAS_REPAIR_PAUSED,
    severity: by === 'mass_failure' ? ('error' as const) : ('info' as const),
    attributes: { [ATTR_NYLAS_APPLICATION]: application },
    message:
      by === 'mass_failure'
        ? `Nylas repair of application ${application} holds still: ${why}. Look at status.nylas.com and the mail provider; it goes on by itself, or when an operator resumes it.`
        : `Nylas repair of application ${application} was paused by an operator`,
    context: ROOT_CONTEXT,
  };
}
