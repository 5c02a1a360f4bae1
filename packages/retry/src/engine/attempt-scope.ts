import { AsyncLocalStorage } from 'node:async_hooks';
import { processState } from '@nylas-otel/telemetry';

interface AttemptScope {
  /** False once the attempt is over: sockets and streams keep the async context they were made in. */
  active: boolean;
}

const storage = processState('retry-attempt', () => new AsyncLocalStorage<AttemptScope>());

/** True inside an attempt of ours: another face further in must not retry what is retried already. */
export function insideAttempt(): boolean {
  return storage.getStore()?.active === true;
}

/** Runs an attempt so that {@link insideAttempt} is true in it until it settles. */
export async function runAttempt<T>(attempt: () => Promise<T>): Promise<T> {
  const scope: AttemptScope = { active: true };
  try {
    return await storage.run(scope, attempt);
  } finally {
    scope.active = false;
  }
}
