import type { CommandDefinition } from '../command.ts';

/** `nylas-otel config ...`. */
export const CONFIG_COMMANDS: readonly CommandDefinition[] = [
  {
    path: ['config', 'check'],
    summary: 'Check flags, variables and file, and show where each option comes from',
    options: [
      'nylas.*',
      'poll.*',
      'metrics.*',
      'store.*',
      'webhooks.*',
      'repair.*',
      'admin.*',
      'log.*',
      'app.*',
      'prometheus.*',
      'grafana.*',
    ],
    examples: [
      { line: 'nylas-otel config check --config nylas-otel.yaml', what: 'all problems at once, with lines' },
    ],
    exits: [],
    load: () => import('../config-check.ts'),
  },
  {
    path: ['config', 'schema'],
    summary: 'Print the JSON schema of the configuration file',
    options: [],
    examples: [
      {
        line: 'nylas-otel config schema > nylas-otel.schema.json',
        what: 'for editors: # yaml-language-server: $schema=nylas-otel.schema.json',
      },
    ],
    exits: [],
    load: () => import('../config-schema.ts'),
  },
];
