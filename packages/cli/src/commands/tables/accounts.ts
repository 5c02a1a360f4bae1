import type { CommandDefinition } from '../command.ts';

const STATE = ['nylas.*', 'store.*'] as const;
const ACCOUNT = { name: 'account', description: 'grant id (v3), account id (v2) or address' } as const;
const FULL = { flag: '--full', description: 'addresses in full, not masked' } as const;

/** `nylas-otel accounts ...`. */
export const ACCOUNT_COMMANDS: readonly CommandDefinition[] = [
  {
    path: ['accounts', 'list'],
    summary: 'List accounts and their states, from the store or from Nylas',
    options: [...STATE, 'poll.requests_per_second'],
    flags: [
      { flag: '--unhealthy', description: 'only those that need time or help' },
      { flag: '--state <state>', description: 'only those in this state' },
      { flag: '--provider <name>', description: 'only those of this provider' },
      { flag: '--limit <number>', description: 'at most this many (default 100)' },
      { flag: '--live', description: 'read from Nylas now, not from the store' },
      FULL,
    ],
    examples: [{ line: 'nylas-otel accounts list --unhealthy', what: 'who needs help, and since when' }],
    exits: ['refused', 'unreachable', 'store', 'busy'],
    load: () => import('../accounts-list.ts'),
  },
  {
    path: ['accounts', 'show'],
    summary: 'Show one account: its state, since when, and what happened to it',
    arguments: [ACCOUNT],
    options: [...STATE],
    flags: [{ flag: '--limit <number>', description: 'lines of history (default 50)' }, FULL],
    examples: [{ line: 'nylas-otel accounts show jane@example.com', what: 'by address' }],
    exits: ['store', 'busy', 'notFound'],
    load: () => import('../accounts-show.ts'),
  },
  {
    path: ['accounts', 'history'],
    summary: 'Show what happened to an account: changes of state, repairs, commands',
    arguments: [ACCOUNT],
    options: [...STATE],
    flags: [
      { flag: '--since <time>', description: 'a time, or a time ago: 6h, 3d' },
      { flag: '--limit <number>', description: 'lines (default 50)' },
      FULL,
    ],
    examples: [{ line: 'nylas-otel accounts history 53324e47-... --since 24h', what: 'of the last day' }],
    exits: ['store', 'busy', 'notFound'],
    load: () => import('../accounts-show.ts'),
  },
  {
    path: ['accounts', 'restart'],
    summary: 'Restart a stopped account (API v2: downgrade and upgrade)',
    description:
      'A downgrade is always followed by its upgrade, also where the command is killed in between: the next exporter or restart does it. Grants of API v3 cannot be restarted.',
    arguments: [ACCOUNT],
    options: [...STATE, 'repair.*'],
    flags: [{ flag: '--force', description: 'also within a day of the last restart' }],
    examples: [
      { line: 'nylas-otel accounts restart 5tgncdmczat02216u7d6uypyi', what: 'then look at accounts show' },
    ],
    exits: ['refused', 'unreachable', 'store', 'busy', 'notFound'],
    load: () => import('../accounts-restart.ts'),
  },
  {
    path: ['accounts', 'reauth-link'],
    summary: 'Make the address at which the user of an account authenticates again',
    description:
      'Sends nothing. Needs NYLAS_CLIENT_ID and a callback address that the application has registered.',
    arguments: [ACCOUNT],
    options: [...STATE, 'repair.reauth_redirect_uri'],
    examples: [
      {
        line: 'nylas-otel accounts reauth-link jane@example.com --reauth-redirect-uri https://app.example.com/nylas/callback',
        what: 'the grant keeps its id',
      },
    ],
    exits: ['store', 'busy', 'notFound'],
    load: () => import('../accounts-reauth-link.ts'),
  },
];
