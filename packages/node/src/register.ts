/**
 * Starts nylas-otel from the environment, before the application: `node --import @nylas-otel/node/register app.js`, or
 * `--require` for CommonJS. Options are `OTEL_*` and `NYLAS_OTEL_*` variables.
 */
import { basename } from 'node:path';
import { isInternalThread } from 'node:worker_threads';
import { runningNylasTelemetry, startNylasTelemetry } from './preset/start.ts';

// NODE_OPTIONS reaches the package manager too, whose process would take the port before the application's.
const PACKAGE_MANAGERS = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack|npm-cli|npx-cli)(\.[cm]?js)?$/;

const isPackageManager = PACKAGE_MANAGERS.test(basename(process.argv[1] ?? ''));

// `--require` reaches the thread of `module.register` too. `--import` and `--require` together load this twice, once as
// ES module and once as CommonJS.
if (!isInternalThread && !isPackageManager && runningNylasTelemetry() === undefined) startNylasTelemetry();
