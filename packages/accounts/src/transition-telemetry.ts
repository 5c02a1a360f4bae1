import type { AccountState } from '@nylas-otel/nylas-api';
import {
  ACCOUNT_SIGNALS,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_ACCOUNT_RAW_STATE,
  ATTR_NYLAS_ACCOUNT_SIGNAL,
  ATTR_NYLAS_ACCOUNT_STATE,
  ATTR_NYLAS_ACCOUNT_STATE_FROM,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_PROVIDER,
  EVENT_NYLAS_ACCOUNT_TRANSITION,
  METRIC_NYLAS_ACCOUNT_RECOVERY_DURATION,
  METRIC_NYLAS_ACCOUNT_TRANSITIONS,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, logsWanted, shownAccountId } from '@nylas-otel/telemetry';
import { type Attributes, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Profile } from './profile.ts';
import type { Transition } from './tracker.ts';
import { SCOPE } from './version.ts';

/** Shows transitions as counts, recovery durations and log events. */
export function transitionTelemetry(
  application: string,
  profile: Profile,
  capture: Parameters<typeof shownAccountId>[1],
): (transition: Transition) => void {
  const emitter = createEmitter(SCOPE);
  const transitions = emitter.count(METRIC_NYLAS_ACCOUNT_TRANSITIONS);
  const recovery = emitter.histogram(METRIC_NYLAS_ACCOUNT_RECOVERY_DURATION);
  for (const attributes of possible(profile.states)) transitions.entry(attributes);
  return (transition) => {
    const { from, to, raw, signal, provider } = transition;
    transitions.add(series(from, to, signal));
    if (transition.recovery !== undefined) {
      recovery.record(transition.recovery.seconds, {
        [ATTR_NYLAS_ACCOUNT_STATE]: transition.recovery.state,
        [ATTR_NYLAS_PROVIDER]: provider,
      });
    }
    if (!logsWanted()) return;
    const shown = shownAccountId(transition.id, capture);
    const attributes: Attributes = {
      [ATTR_NYLAS_APPLICATION]: application,
      [ATTR_NYLAS_ACCOUNT_STATE_FROM]: from,
      [ATTR_NYLAS_ACCOUNT_STATE]: to,
      [ATTR_NYLAS_ACCOUNT_RAW_STATE]: raw,
      [ATTR_NYLAS_ACCOUNT_SIGNAL]: signal,
      [ATTR_NYLAS_PROVIDER]: provider,
      [ATTR_NYLAS_API_VERSION]: profile.version,
    };
    const noun = profile.version === 'v3' ? 'grant' : 'account';
    if (shown !== undefined)
      attributes[profile.version === 'v3' ? ATTR_NYLAS_GRANT_ID : ATTR_NYLAS_ACCOUNT_ID] = shown;
    emitter.event({
      name: EVENT_NYLAS_ACCOUNT_TRANSITION,
      severity: to === 'running' ? 'info' : 'warn',
      attributes,
      message: `Nylas ${noun} ${shown ?? '(id not shown)'} (${provider}) of application ${application}: ${from} -> ${to}, Nylas says "${raw}", seen by ${signal}`,
      context: ROOT_CONTEXT,
    });
  };
}

function series(from: AccountState, to: AccountState, signal: string): Attributes {
  return {
    [ATTR_NYLAS_ACCOUNT_STATE_FROM]: from,
    [ATTR_NYLAS_ACCOUNT_STATE]: to,
    [ATTR_NYLAS_ACCOUNT_SIGNAL]: signal,
  };
}

/** Every transition the API can show, so that the first one of each kind is an increase. */
function* possible(states: readonly AccountState[]): Iterable<Attributes> {
  for (const from of states) {
    if (from === 'deleted') continue;
    for (const to of states) {
      if (from === to) continue;
      for (const signal of ACCOUNT_SIGNALS) yield series(from, to, signal);
    }
  }
}
