import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { specifyMailboxService } from '@nylas-otel/example-service';

const EXAMPLE = dirname(import.meta.dirname);

specifyMailboxService(EXAMPLE, ['--import', './dist/telemetry.js', 'dist/main.js'], () => {
  execFileSync('tsc', ['--project', 'tsconfig.json'], { cwd: EXAMPLE });
});
