import type { RowModule } from '../row.ts';
import type { ModuleReport } from './run-module.ts';

const [url = '', part = ''] = process.argv.slice(2);
const report = (message: ModuleReport) => process.send?.(message);

try {
  const module = (await import(url)) as RowModule;
  report({ rows: await module.rows((name) => name.includes(part)) });
} catch (error) {
  report({ error: error instanceof Error ? `${error.stack}` : String(error) });
}
