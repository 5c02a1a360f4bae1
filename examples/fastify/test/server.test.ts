import { dirname } from 'node:path';
import { specifyMailboxService } from '@nylas-otel/example-service';

specifyMailboxService(dirname(import.meta.dirname), ['--import', './src/telemetry.ts', 'src/server.ts']);
