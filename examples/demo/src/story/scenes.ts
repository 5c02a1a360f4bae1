import type { Account, FaultRule, Grant, Simulator } from '@nylas-otel/simulator';
import { NYLAS_TIMEOUT } from '../world/mail-service.ts';
import type { Cast } from './cast.ts';
import { type Answer, NYLAS_ROUTES, type Visit, visit } from './visitor.ts';

/** Something that goes wrong for one user. */
export interface Scene {
  readonly title: string;
  /** Whose mailbox it is. */
  readonly mailbox: (cast: Cast) => Grant | Account;
  /** What the user does. */
  readonly visit: Visit['kind'];
  /** What Nylas does about it, one request after the other; then it works. */
  readonly faults?: readonly Pick<FaultRule, 'fault' | 'times' | 'options'>[];
  /** The user's grant has expired. */
  readonly expired?: true;
}

/** How a scene went. */
export interface Played {
  /** Nylas's answers to the requests of the service: statuses, or what happened instead. */
  readonly nylas: readonly string[];
  /** What the service answered to its user. */
  readonly answer: Answer;
}

/** The scene whose trace is shown. */
export const STAR: Scene = {
  title: 'Google limits a mailbox, then a gateway fails',
  mailbox: (cast) => cast.takeGrant('google'),
  visit: 'list',
  faults: [{ fault: 'rate_limit_provider', options: { retryAfter: 1 } }, { fault: 'bad_gateway_html' }],
};

/** The scene whose message must arrive once. */
export const SENDER: Scene = {
  title: 'A message is sent into an error 520',
  mailbox: (cast) => cast.takeGrant('microsoft'),
  visit: 'send',
  faults: [{ fault: 'edge_520' }],
};

/** Everything that goes wrong, at the same time, each for a user of its own; what is over first comes first. */
export const SCENES: readonly Scene[] = [
  {
    title: 'A message that is gone',
    mailbox: (cast) => cast.takeGrant('yahoo'),
    visit: 'show',
  },
  {
    title: 'A user who has changed the password',
    mailbox: (cast) => cast.takeGrant('yahoo'),
    visit: 'list',
    expired: true,
  },
  {
    title: 'API v2: the limit is reached',
    mailbox: (cast) => cast.takeAccount('gmail'),
    visit: 'legacy',
    faults: [{ fault: 'rate_limit_nylas' }],
  },
  {
    title: 'API v2: an internal error',
    mailbox: (cast) => cast.takeAccount('office365'),
    visit: 'legacy',
    faults: [{ fault: 'v2_500_without_type' }],
  },
  {
    title: 'A slow mail server',
    mailbox: (cast) => cast.takeGrant('ews'),
    visit: 'list',
    faults: [{ fault: 'slow', options: { ms: 600 } }],
  },
  {
    title: 'The connection is cut',
    mailbox: (cast) => cast.takeGrant('imap'),
    visit: 'list',
    faults: [{ fault: 'reset_before_headers' }],
  },
  SENDER,
  {
    title: "Nylas's own limit is reached",
    mailbox: (cast) => cast.takeGrant('google'),
    visit: 'list',
    faults: [{ fault: 'rate_limit_nylas' }],
  },
  {
    title: 'A mail server that is down for good',
    mailbox: (cast) => cast.takeGrant('imap'),
    visit: 'list',
    faults: [{ fault: 'provider_timeout', times: 3 }],
  },
  {
    title: `A calendar that never answers (${NYLAS_TIMEOUT} s time-out)`,
    mailbox: (cast) => cast.takeGrant('microsoft'),
    visit: 'free-busy',
    faults: [{ fault: 'stalled_headers' }],
  },
  STAR,
];

/** Lets a scene happen to a mailbox. */
export async function play(
  { visit: kind, faults = [], expired }: Scene,
  mailbox: string,
  service: string,
  nylas: Simulator,
): Promise<Played> {
  const route = NYLAS_ROUTES[kind];
  const who = kind === 'legacy' ? { account: mailbox } : { grant: mailbox };
  for (const fault of faults) nylas.faults.add({ times: 1, ...fault, route, ...who });
  if (expired) nylas.grants.setStatus(mailbox, 'invalid');
  const answer = await visit(service, { kind, mailbox, message: 'gone' });
  const requests = nylas.requests
    .list()
    .filter(({ grantId, accountId, template }) => (grantId ?? accountId) === mailbox && template === route);
  return { nylas: requests.map(({ status, fault }) => String(status ?? wordFor(fault))), answer };
}

function wordFor(fault: string | undefined): string {
  return fault === 'reset_before_headers' ? 'reset' : 'silence';
}
