import type { ApiVersion } from './api-version.ts';
import type { Route } from './routes.ts';

/** What is known of an answer. The more, the better it is judged: the status alone is enough. */
export interface ResponseFacts {
  /** The API generation that answered. */
  readonly version: ApiVersion;
  /** HTTP status. */
  readonly status: number;
  /** The request's route, from `matchRoute`. */
  readonly route?: Route | undefined;
  /** Reads a response header. The name is in lower case. */
  header?(name: string): string | undefined;
  /** The parsed JSON value, the raw text, or the SDK's error object; left out when the body was not read. */
  readonly body?: unknown;
}

/** A response header; undefined when there is none or it cannot be read. */
export function headerOf(facts: ResponseFacts, name: string): string | undefined {
  try {
    const value: unknown = facts.header?.(name);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a route sends mail. */
export function isSend(route: Route): boolean {
  return route.operation === 'send' || route.operation === 'send_multiple';
}
