import { fork } from 'node:child_process';
import type { Row } from '../row.ts';
import type { FoundModule } from './modules.ts';

/** From the process of a module. */
export type ModuleReport = { readonly rows: readonly Row[] } | { readonly error: string };

/** No module may hold up the rest for longer, in milliseconds. */
const LONGEST = 15 * 60_000;

/**
 * Measures a module in a process of its own, so that no module inherits what another one compiled or allocated.
 *
 * @param only part of a row's name, or of the module's
 */
export async function runModule(module: FoundModule, only: string | undefined): Promise<Row[]> {
  const part = only === undefined || module.isNamed(only) ? '' : only;
  const child = fork(new URL('module-process.ts', import.meta.url), [module.url.href, part], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST);
  try {
    const report = await new Promise<ModuleReport>((resolve) => {
      child.once('message', (message) => resolve(message as ModuleReport));
      child.once('exit', (code, signal) => resolve({ error: `its process ended (${signal ?? code})` }));
    });
    if ('error' in report) throw new Error(report.error);
    return report.rows.filter(({ name }) => name.includes(part));
  } finally {
    clearTimeout(timer);
    child.kill();
  }
}
