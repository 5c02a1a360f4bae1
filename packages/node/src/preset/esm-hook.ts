import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { processState } from '@nylas-otel/telemetry';
import { diag } from '@opentelemetry/api';

const hook = processState('esm-hook', () => ({ installed: false }));

interface SyncHooks {
  supportsSyncHooks(): boolean;
  register(): void;
}

/**
 * Lets instrumentations see what is loaded with `import`, once for the process. In the application's thread where Node
 * can do that (22.22.3, 24.11.1, 25.1, 26), else with `module.register`.
 *
 * @param mode `async` takes the second way in any case, for tests
 */
export function installEsmHook(mode: 'best' | 'async' = 'best'): void {
  if (hook.installed) return;
  hook.installed = true;
  try {
    const fromInstrumentation = requireOfInstrumentation();
    const hooks = mode === 'async' ? undefined : syncHooks(fromInstrumentation);
    if (hooks?.supportsSyncHooks()) hooks.register();
    else register(pathToFileURL(fromInstrumentation.resolve('import-in-the-middle/hook.mjs')));
  } catch (error) {
    // A bundle has no modules to hook.
    diag.info('nylas-otel: what is loaded with `import` is not patched; use instrumentNylas(client).', error);
  }
}

// The hook must be of the copy of import-in-the-middle that the instrumentations listen to: theirs, which is the
// application's where package managers put one copy.
function requireOfInstrumentation(): NodeJS.Require {
  const ours = createRequire(import.meta.url);
  const nylas = createRequire(ours.resolve('@nylas-otel/instrumentation'));
  return createRequire(nylas.resolve('@opentelemetry/instrumentation'));
}

function syncHooks(from: NodeJS.Require): SyncHooks | undefined {
  try {
    return from('import-in-the-middle/register-hooks.mjs') as SyncHooks;
  } catch {
    // Versions before 3 have none.
    return undefined;
  }
}
