import { processState } from '@nylas-otel/telemetry';
import { diag } from '@opentelemetry/api';

const state = processState('unpatched-warning', () => ({ done: false }));

/** True until the warning was given. */
export function mayWarnOfUnpatched(): boolean {
  return !state.done;
}

/**
 * Warns once when a request comes from a `nylas` SDK that no hook has patched: loaded before us, bundled, or an ES module
 * without `--import`. Its requests are traced and counted, but without operations and without the SDK's error types.
 *
 * @param userAgent of a request that belongs to no operation
 */
export function warnIfUnpatched(userAgent: string | undefined): void {
  if (state.done || userAgent?.startsWith('Nylas Node SDK') !== true) return;
  state.done = true;
  diag.warn(
    'nylas-otel: the "nylas" SDK is in use but was not patched, so its calls have no operation spans. Start with ' +
      '"node --import @nylas-otel/node/register" (or your own --import file that registers ' +
      '@opentelemetry/instrumentation/hook.mjs), or call instrumentNylas(client) where the client is made.',
  );
}
