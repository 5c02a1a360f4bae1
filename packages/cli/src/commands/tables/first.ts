import type { CommandDefinition } from '../command.ts';

/** The commands people meet first. */
export const FIRST_COMMANDS: readonly CommandDefinition[] = [
  {
    path: ['doctor'],
    summary: 'Check credentials, accounts, webhooks, store and telemetry, with a fix for whatever is wrong',
    description:
      'The checks webhook-* send signed test events to your public address (trigger nylas-otel.doctor, which no handler listens to).',
    options: ['nylas.*', 'metrics.*', 'store.*', 'webhooks.*', 'repair.reauth_redirect_uri', 'prometheus.*'],
    flags: [
      { flag: '--watch [seconds]', description: 'check again and again (default every 30 seconds)' },
      { flag: '--only <names>', description: 'only these checks, separated by commas' },
    ],
    examples: [
      { line: 'NYLAS_API_KEY=... nylas-otel doctor', what: 'everything that can be checked with a key' },
      {
        line: 'nylas-otel doctor --json | jq -r \'.checks[] | select(.status == "fail") | .fix\'',
        what: 'what to do, for a script',
      },
    ],
    exits: ['findings'],
    load: () => import('../doctor.ts'),
  },
  {
    path: ['exporter'],
    summary: 'Serve /metrics: accounts, webhook destinations and Nylas itself, without a line of code',
    description:
      'SIGHUP reads the configuration again, SIGTERM finishes what is in hand. /-/healthy says that it lives, /-/ready that its store is open. Other commands reach it over its local socket.',
    options: ['nylas.*', 'poll.*', 'metrics.*', 'store.*', 'webhooks.*', 'repair.*', 'admin.*', 'log.*'],
    examples: [
      {
        line: 'NYLAS_API_KEY_FILE=key nylas-otel exporter',
        what: 'http://localhost:9465/metrics, state in ~/.local/state',
      },
      {
        line: 'nylas-otel exporter --webhooks --repair dry-run --config nylas-otel.yaml',
        what: 'receive webhooks too, and say which accounts would be repaired',
      },
    ],
    endsBySignal: true,
    exits: ['busy', 'store'],
    load: () => import('../exporter.ts'),
  },
  {
    path: ['init'],
    summary: 'Print the exact lines that add nylas-otel to a Node service, and where they go',
    description:
      'Looks at package.json, lock files and sources for framework, module system, OpenTelemetry and package manager. Changes nothing.',
    arguments: [{ name: 'folder', description: 'the service (default: here)', optional: true }],
    options: [],
    examples: [{ line: 'nylas-otel init', what: 'the lines for the service in this folder' }],
    exits: [],
    load: () => import('../init.ts'),
  },
];
