import { EventEmitter } from 'node:events';
import type { Transition } from '@nylas-otel/accounts/tracking';
import type { AccountState } from '@nylas-otel/nylas-api';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';
import { dropError } from '@nylas-otel/telemetry';
import type { RepairPause } from '../runner/control.ts';

/** An account has changed its state. Told in the one process that learned it. */
export interface AccountTransition {
  readonly id: string;
  /** A value of `nylas.provider`. */
  readonly provider: string;
  readonly from: AccountState;
  readonly to: AccountState;
  /** Nylas's own word where it is a documented one, else `other`. */
  readonly rawState: string;
  readonly signal: AccountSignal;
  readonly time: Date;
  /** For an account that is back at `running`: seconds since it left. */
  readonly recoveredAfter: number | undefined;
}

/** Events of a monitor, with what their listeners get. */
export interface MonitorEventMap {
  transition: [transition: AccountTransition];
  /** Repair holds still, or (undefined) goes on. */
  pause: [pause: RepairPause | undefined];
}

/** The listeners of a monitor. One that throws is dropped; others are still told. */
export class MonitorEvents {
  readonly #emitter = new EventEmitter<MonitorEventMap>();

  on<Name extends keyof MonitorEventMap>(
    name: Name,
    listener: (...args: MonitorEventMap[Name]) => void,
  ): () => void {
    const guarded = (...args: MonitorEventMap[Name]): void => {
      try {
        listener(...args);
      } catch (error) {
        dropError('repair', error);
      }
    };
    this.#emitter.on(name, guarded as never);
    return () => void this.#emitter.off(name, guarded as never);
  }

  tellTransition({ id, provider, from, to, raw, signal, time, recovery }: Transition): void {
    this.#emitter.emit('transition', {
      id,
      provider,
      from,
      to,
      rawState: raw,
      signal,
      time: new Date(time),
      recoveredAfter: recovery?.seconds,
    });
  }

  tellPause(pause: RepairPause | undefined): void {
    this.#emitter.emit('pause', pause);
  }
}
