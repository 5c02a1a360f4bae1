import { processState } from './process-state.ts';

const live = processState('instrumentation-live', () => ({ count: 0 }));

/** True while a request instrumentation runs in this process: only then do operations make sense. */
export function isInstrumented(): boolean {
  return live.count > 0;
}

/** Announces a running request instrumentation; returns what withdraws it. */
export function announceInstrumentation(): () => void {
  live.count++;
  let announced = true;
  return () => {
    if (announced) live.count--;
    announced = false;
  };
}
