import type { JsonObject } from '../data/mailbox.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import { parseJsonObject } from '../http/request-body.ts';
import { SimulatorError } from '../simulator-error.ts';

/** Answers a control request; `rest` is the path behind the first segment. */
export type ControlRoute = (x: Exchange, rest: string) => Reply | Promise<Reply>;
/** Control routes by method and first path segment. */
export type ControlRoutes = Readonly<Record<string, ControlRoute>>;

const DEFAULT_LISTED = 100;

/** The JSON object of a control request. */
export function bodyOf(x: Exchange): JsonObject {
  const body = parseJsonObject(x.bytes);
  if (body === undefined) throw new SimulatorError('invalid_request', 'send a JSON object as the body');
  return body;
}

/** The JSON object of a control request that may have none. */
export const optionalBodyOf = (x: Exchange): JsonObject => (x.bytes.length === 0 ? {} : bodyOf(x));

/** `?limit=`, default 100. */
function limitOf(x: Exchange): number {
  const limit = Number(x.query.get('limit') ?? DEFAULT_LISTED);
  if (!Number.isInteger(limit) || limit < 1) {
    throw new SimulatorError('invalid_request', 'limit must be a whole number, 1 or more');
  }
  return limit;
}

/** The first ones of a list. */
export const firstOf = <T>(x: Exchange, all: readonly T[]): readonly T[] => all.slice(0, limitOf(x));
/** The last ones of a list. */
export const lastOf = <T>(x: Exchange, all: readonly T[]): readonly T[] => all.slice(-limitOf(x));

/** Short enough for a message. */
export const shorten = (text: string): string => text.slice(0, 80);

/** An id as the path has it. */
export function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new SimulatorError('invalid_request', 'the id in the path is not validly encoded');
  }
}
