import type { ErrorRequestHandler } from 'express';
import { NylasSdkTimeoutError } from 'nylas';

/** Tells the product's front end what to show when a mailbox cannot be reached. */
export const answerFailure: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const { status, reason } = failureOf(error);
  response.status(status).json({ error: reason });
};

function failureOf(error: unknown): { status: number; reason: string } {
  if (error instanceof NylasSdkTimeoutError) return { status: 504, reason: 'mailbox_too_slow' };
  switch ((error as { statusCode?: number }).statusCode) {
    case 400:
      return { status: 400, reason: 'bad_request' };
    case 401:
    case 403:
      return { status: 409, reason: 'reconnect_mailbox' };
    case 404:
      return { status: 404, reason: 'not_found' };
    case 429:
      return { status: 503, reason: 'mailbox_busy' };
    default:
      // Among them the page of a proxy in front of Nylas: the SDK throws an error without a status for those.
      return { status: 502, reason: 'mailbox_unreachable' };
  }
}
