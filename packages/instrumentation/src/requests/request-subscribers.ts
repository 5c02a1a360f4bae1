import { dropError, processState } from '@nylas-otel/telemetry';
import type { NylasRequestFacts } from './facts.ts';

type Subscriber = (request: NylasRequestFacts) => void;

const subscribers = processState('request-subscribers', () => new Set<Subscriber>());

/**
 * Calls `subscriber` for every finished Nylas request of the process, after it was recorded. A subscriber that throws is
 * dropped for that request.
 *
 * @returns what ends it
 */
export function onNylasRequest(subscriber: Subscriber): () => void {
  subscribers.add(subscriber);
  return () => subscribers.delete(subscriber);
}

/** True when anybody would be told. */
export function hasRequestSubscribers(): boolean {
  return subscribers.size > 0;
}

/** Tells every subscriber. Never throws. */
export function tellRequestSubscribers(request: NylasRequestFacts): void {
  for (const subscriber of subscribers) {
    try {
      subscriber(request);
    } catch (error) {
      dropError('subscriber', error);
    }
  }
}
