import { type Route, readSdkError } from '@nylas-otel/nylas-api';
import { judgeAnswer, judgeFailure, type Verdict } from '../policy/verdict.ts';
import type { SeenResponse } from './response-tap.ts';

// SDK 7 and 8, before the text of a body they could not parse; and after a success whose body is no JSON.
const UNPARSED = /could not parse response from the server.*?: ?/is;

/** What an error that the SDK threw means, with what the transport saw where the SDK forgot it. */
export function judgeSdkError(error: unknown, seen: SeenResponse, route: Route, now: number): Verdict {
  const facts = readSdkError(error);
  const status = facts?.statusCode ?? (seen.status >= 300 ? seen.status : 0);
  if (status >= 300) {
    return judgeAnswer(
      {
        version: route.version,
        route,
        status,
        header: (name) => seen.header(name) ?? facts?.header?.(name),
        body: facts === undefined ? unparsedBody(error) : error,
      },
      now,
    );
  }
  return judgeFailure(error);
}

/** The body that the SDK quotes in the message of an error without a status. */
function unparsedBody(error: unknown): string | undefined {
  const { message } = (error ?? {}) as { message?: unknown };
  if (typeof message !== 'string') return undefined;
  const before = UNPARSED.exec(message);
  return before === null ? undefined : message.slice(before.index + before[0].length);
}
