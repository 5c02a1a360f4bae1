import type { CommandDefinition } from '../command.ts';

const WHICH = [
  { flag: '--trigger <name>', description: 'only those of this trigger' },
  { flag: '--account <id>', description: 'only those of this grant or account' },
] as const;

/** `nylas-otel webhooks ...`. */
export const WEBHOOK_COMMANDS: readonly CommandDefinition[] = [
  {
    path: ['webhooks', 'list'],
    summary: 'List the webhook destinations and their status at Nylas',
    options: ['nylas.*'],
    examples: [
      { line: 'nylas-otel webhooks list', what: 'ends with 1 where a destination is failing or failed' },
    ],
    exits: ['findings', 'refused', 'unreachable'],
    load: () => import('../webhooks-list.ts'),
  },
  {
    path: ['webhooks', 'dead'],
    summary: 'List events whose handler failed for good',
    options: ['nylas.application', 'store.*'],
    flags: [...WHICH, { flag: '--limit <number>', description: 'at most this many (default 100)' }],
    examples: [
      { line: 'nylas-otel webhooks dead --trigger grant.expired', what: 'with key, error and runs' },
    ],
    exits: ['store', 'busy'],
    load: () => import('../webhooks-dead.ts'),
  },
  {
    path: ['webhooks', 'redrive'],
    summary: 'Put dead letters back to work',
    arguments: [{ name: 'keys', description: 'from webhooks dead', optional: true, many: true }],
    options: ['nylas.application', 'store.*'],
    flags: [...WHICH, { flag: '--all', description: 'all of them' }],
    examples: [{ line: 'nylas-otel webhooks redrive --all', what: 'after the handler was mended' }],
    exits: ['store', 'busy', 'notFound'],
    load: () => import('../webhooks-redrive.ts'),
  },
  {
    path: ['webhooks', 'verify'],
    summary: 'Verify the signature of a delivery that was saved to a file',
    arguments: [{ name: 'file', description: 'the exact bytes of the body; - for standard input' }],
    options: ['webhooks.secret'],
    flags: [{ flag: '--signature <hex>', description: 'value of the x-nylas-signature header' }],
    examples: [
      {
        line: 'nylas-otel webhooks verify body.json --signature 5f2a... --webhook-secret-file secret',
        what: 'says whether it matches, and if not what most often is the reason',
      },
    ],
    exits: ['findings'],
    load: () => import('../webhooks-verify.ts'),
  },
  {
    path: ['webhooks', 'send-test'],
    summary: 'Send one signed notification to a receiver, as Nylas would',
    arguments: [{ name: 'trigger', description: 'default message.created', optional: true }],
    options: ['webhooks.*'],
    flags: [
      {
        flag: '--to <url>',
        description: 'the receiver (default webhooks.public_url, else the exporter here)',
      },
      { flag: '--account <id>', description: 'the grant or account it is about (default: a new one)' },
      { flag: '--gzip', description: 'compressed, signed over the compressed bytes' },
      { flag: '--v2', description: 'in the form of API v2 (deltas)' },
    ],
    examples: [
      {
        line: 'nylas-otel webhooks send-test grant.expired --to http://localhost:3000/webhooks/nylas',
        what: 'the receiver should answer 200',
      },
    ],
    exits: ['findings', 'unreachable'],
    load: () => import('../webhooks-send-test.ts'),
  },
];
