import type { CommandDefinition } from '../command.ts';

/** What people call at 3 am. */
export const NIGHT_COMMANDS: readonly CommandDefinition[] = [
  {
    path: ['status'],
    summary: 'Show the running exporter, its store, Nylas, and which accounts hurt now',
    description: 'Ends with 1 where no exporter is running.',
    options: ['nylas.application', 'store.*', 'app.*'],
    examples: [
      { line: 'nylas-otel status', what: 'of the exporter on this machine' },
      {
        line: 'NYLAS_OTEL_APP_TOKEN_FILE=token nylas-otel status --app-url https://app.example.com/nylas/hurting',
        what: 'and of the requests of your service',
      },
    ],
    exits: ['findings', 'refused', 'unreachable', 'store', 'busy'],
    load: () => import('../status.ts'),
  },
  {
    path: ['support-bundle'],
    summary: 'Collect what Nylas support asks for about one account',
    description:
      'Markdown ready to mail, without addresses and secrets. What is missing is said on standard error.',
    arguments: [{ name: 'account', description: 'grant id (v3), account id (v2) or address' }],
    options: ['nylas.application', 'store.*', 'log.error_log'],
    flags: [
      {
        flag: '--out <file>',
        description: 'write it there; .json for JSON (default: Markdown on standard output)',
      },
      {
        flag: '--since <time>',
        description: 'a time, or a time ago (default 14 days, as long as Nylas keeps sync logs)',
      },
      { flag: '--message-ids <ids>', description: 'messages it is about, separated by commas' },
      { flag: '--sync-log <file>', description: 'sync log, copied from the dashboard (no API has it)' },
      { flag: '--user-sees <text>', description: 'what the user sees' },
      { flag: '--settings-changed <text>', description: 'settings the user has changed' },
      { flag: '--reproduction <text>', description: 'how to see it again' },
      { flag: '--tried <text>', description: 'what was tried, beside what the journal knows' },
      { flag: '--code <text>', description: 'the code that meets it' },
    ],
    examples: [
      {
        line: 'nylas-otel support-bundle jane@example.com --user-sees "no new mail since Monday" --out bundle.md',
        what: 'then read it, and mail it',
      },
    ],
    exits: ['store', 'busy', 'notFound'],
    load: () => import('../support-bundle.ts'),
  },
  {
    path: ['recover'],
    summary: 'Fetch what webhooks did not deliver, and hand it to the same handlers',
    description:
      'Takes at most half of every documented limit. What is known already is passed over. Ended or killed, the same command goes on where it stopped. API v2 needs NYLAS_OTEL_ACCESS_TOKENS_FILE.',
    options: ['nylas.*', 'store.*'],
    flags: [
      { flag: '--since <time>', description: 'begin of the gap: a time, or a time ago (6h, 3d)' },
      { flag: '--until <time>', description: 'its end (default now)' },
      { flag: '--accounts <ids>', description: 'only these, separated by commas' },
      {
        flag: '--resources <names>',
        description:
          'messages, threads, events, contacts, folders, calendars, grants (default all but threads)',
      },
      {
        flag: '--unfiltered <how>',
        description: 'changes that no filter shows: off, count or deliver (default off)',
      },
      { flag: '--dry-run', description: 'read and count, hand over nothing' },
    ],
    examples: [
      { line: 'nylas-otel recover --since 6h --dry-run', what: 'what an outage of six hours has cost' },
      {
        line: 'nylas-otel recover --since "2026-11-26 02:00"',
        what: 'local time; prints what could not be recovered too',
      },
    ],
    exits: ['findings', 'refused', 'unreachable', 'store', 'busy'],
    load: () => import('../recover.ts'),
  },
];
