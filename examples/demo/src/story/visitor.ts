/** What the service answered. */
export interface Answer {
  readonly status: number;
  /** How long it took. */
  readonly milliseconds: number;
  readonly body: unknown;
}

/** The things a user does. Everything happens through the service, which does it with the Nylas SDK. */
export interface Visit {
  readonly kind: 'list' | 'show' | 'send' | 'free-busy' | 'legacy';
  /** Grant id, for `legacy` account id. */
  readonly mailbox: string;
  /** The message to show. */
  readonly message?: string;
}

/** The routes of the Nylas API behind each visit. */
export const NYLAS_ROUTES: Readonly<Record<Visit['kind'], string>> = {
  list: '/v3/grants/{grant_id}/messages',
  show: '/v3/grants/{grant_id}/messages/{message_id}',
  send: '/v3/grants/{grant_id}/messages/send',
  'free-busy': '/v3/grants/{grant_id}/calendars/free-busy',
  legacy: '/messages',
};

/** Whom messages are sent to. */
export const RECIPIENT = 'customer@example.com';
const DAY = { start: 1_767_225_600, end: 1_767_312_000 };

/** Sends one request to the service. */
export async function visit(service: string, { kind, mailbox, message }: Visit): Promise<Answer> {
  switch (kind) {
    case 'list':
      return ask(`${service}/mailboxes/${mailbox}/messages`);
    case 'show':
      return ask(`${service}/mailboxes/${mailbox}/messages/${message}`);
    case 'send':
      return ask(`${service}/mailboxes/${mailbox}/messages`, {
        to: RECIPIENT,
        subject: 'Your offer',
        body: 'Thank you for the offer.',
      });
    case 'free-busy':
      return ask(`${service}/scheduling/${mailbox}/free-busy`, { emails: [RECIPIENT], ...DAY });
    case 'legacy':
      return ask(`${service}/legacy/${mailbox}/messages`);
  }
}

async function ask(url: string, body?: unknown): Promise<Answer> {
  const start = performance.now();
  const response = await fetch(url, {
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  return { status: response.status, milliseconds: performance.now() - start, body: answer };
}
