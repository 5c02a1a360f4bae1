import type { WebhookOptions } from '../receiver/options.ts';
import type { WebhookReceiver } from '../receiver/receiver.ts';
import { type FetchWebhooks, fetchWebhooks } from './fetch.ts';

/** The handlers of a Next.js route file. */
export interface NextWebhooks {
  readonly GET: (request: Request) => Promise<Response>;
  readonly POST: (request: Request) => Promise<Response>;
  readonly receiver: WebhookReceiver;
}

/** What a receiver is made of, asked for at the first request; asked again after a failure. */
export type LaterWebhookOptions = () =>
  | WebhookOptions
  | WebhookReceiver
  | Promise<WebhookOptions | WebhookReceiver>;

/**
 * Receives webhooks in a Next.js route handler, `app/webhooks/nylas/route.ts`:
 * `export const { GET, POST } = nextWebhooks(async () => ({...}))`, with `export const runtime = 'nodejs'`.
 *
 * `next build` loads route files too, where secrets and databases are not there: a function is called at the first request.
 *
 * `next start` (seen with 16.4) drops `content-length` and answers in chunks, and Nylas accepts no webhook whose challenge is
 * answered so. Where nothing before it gives answers a length, use {@link nylasWebhooks} in an API route of `pages/`.
 *
 * @param options of a receiver of its own, a receiver to share, or a function that gives one of them. While the function
 *   fails, or gives what cannot be used, deliveries are answered with 503, so that Nylas sends them again, and a warning of
 *   the process says why
 * @throws {NylasWebhookError} for options that cannot be used
 */
export function nextWebhooks(options: WebhookOptions | WebhookReceiver): NextWebhooks;
/** The same, with options that are asked for at the first request: {@link LaterWebhookOptions}. */
export function nextWebhooks(options: LaterWebhookOptions): Omit<NextWebhooks, 'receiver'>;
export function nextWebhooks(
  options: WebhookOptions | WebhookReceiver | LaterWebhookOptions,
): NextWebhooks | Omit<NextWebhooks, 'receiver'> {
  if (typeof options === 'function') return laterWebhooks(options);
  const handle = fetchWebhooks(options);
  return { GET: handle, POST: handle, receiver: handle.receiver };
}

function laterWebhooks(options: LaterWebhookOptions): Omit<NextWebhooks, 'receiver'> {
  let made: Promise<FetchWebhooks> | undefined;
  let isTold = false;
  const make = async (): Promise<FetchWebhooks> => fetchWebhooks(await options());
  const handle = async (request: Request): Promise<Response> => {
    made ??= make();
    const making = made;
    let receive: FetchWebhooks;
    try {
      receive = await making;
    } catch (error) {
      if (made === making) made = undefined;
      if (!isTold) process.emitWarning(notReady(error));
      isTold = true;
      // Not an error of the handler's: Next.js answers those with 500, after which Nylas never sends again.
      return new Response('The receiver could not be made yet.', {
        status: 503,
        headers: { 'retry-after': '10' },
      });
    }
    return receive(request);
  };
  return { GET: handle, POST: handle };
}

function notReady(cause: unknown): Error {
  const words = cause instanceof Error ? cause.message : String(cause);
  const message = `nextWebhooks: webhooks are answered with 503 until the function for its options succeeds. It failed with: ${words}`;
  const warning = new Error(message, { cause });
  warning.name = 'NylasWebhookWarning';
  return warning;
}
