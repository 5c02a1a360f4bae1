import type { Exchange, NodeResponse } from '../http/exchange.ts';
import { jsonReply, type Reply, v2Error } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import type { Delta, DeltaPage } from '../stores/delta-journal.ts';
import { v2ResourceRoutes } from './v2-resource.ts';

const DEFAULT_LIMIT = 100;
const DEFAULT_LONGPOLL_SECONDS = 120;
const DEFAULT_STREAM_SECONDS = 1800;
const MAX_SECONDS = 3600;
const HEARTBEAT_MS = 5000;
const INVALID_CURSOR = 'Invalid cursor parameter';

/** The filter of `include_types` and `exclude_types`; both at once are refused. */
function typesOf(x: Exchange): ((delta: Delta) => boolean) | Reply {
  // SDK 6 spells it `includeTypes`.
  const include = x.query.get('include_types') ?? x.query.get('includeTypes');
  const exclude = x.query.get('exclude_types');
  if (include !== null && exclude !== null) {
    return v2Error(400, 'invalid_request_error', 'include_types and exclude_types cannot be used together');
  }
  const names = (include ?? exclude ?? '').split(',');
  if (include !== null) return (delta) => names.includes(delta.object);
  return exclude === null ? () => true : (delta) => !names.includes(delta.object);
}

function pageAfter(x: Exchange, cursor: string, fits: (delta: Delta) => boolean): DeltaPage | undefined {
  const limit = Number(x.query.get('limit') ?? DEFAULT_LIMIT);
  return x.world.deltas.after(x.holder.id, cursor, limit > 0 ? limit : DEFAULT_LIMIT, fits);
}

const asReply = ({ cursorStart, cursorEnd, deltas }: DeltaPage): Reply =>
  jsonReply(200, { cursor_start: cursorStart, cursor_end: cursorEnd, deltas });

function secondsOf(x: Exchange, otherwise: number): number {
  const seconds = Number(x.query.get('timeout') ?? otherwise);
  return seconds >= 0 ? Math.min(seconds, MAX_SECONDS) : otherwise;
}

function list(x: Exchange): Reply {
  const fits = typesOf(x);
  if (typeof fits !== 'function') return fits;
  const page = pageAfter(x, x.query.get('cursor') ?? '', fits);
  return page === undefined ? v2Error(400, 'invalid_request_error', INVALID_CURSOR) : asReply(page);
}

/** Answers at the next change, or empty when the time is over. */
function longpoll(x: Exchange): Reply | Promise<Reply> {
  const fits = typesOf(x);
  if (typeof fits !== 'function') return fits;
  const cursor = x.query.get('cursor') ?? '';
  const page = pageAfter(x, cursor, fits);
  if (page === undefined) return v2Error(400, 'invalid_request_error', INVALID_CURSOR);
  if (page.deltas.length > 0) return asReply(page);
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      stop();
      resolve(asReply(pageAfter(x, cursor, fits) ?? page));
    };
    const timer = setTimeout(finish, secondsOf(x, DEFAULT_LONGPOLL_SECONDS) * 1000);
    timer.unref();
    const stop = x.world.deltas.onChange(x.holder.id, () => {
      if ((pageAfter(x, cursor, fits)?.deltas.length ?? 0) > 0) finish();
    });
    x.response.once('close', finish);
  });
}

/** One delta a line, a blank line as heartbeat, until the time is over or the client leaves. */
function stream(x: Exchange): Reply {
  const fits = typesOf(x);
  if (typeof fits !== 'function') return fits;
  let cursor = x.query.get('cursor') ?? '';
  if (pageAfter(x, cursor, fits) === undefined) return v2Error(400, 'invalid_request_error', INVALID_CURSOR);
  const write = (response: NodeResponse, text: string): void => {
    if ('stream' in response) response.write(text);
    else response.write(text);
  };
  return {
    status: 200,
    type: 'text/event-stream',
    body: '',
    live: (response) => {
      const push = (): void => {
        for (;;) {
          const page = pageAfter(x, cursor, fits);
          if (page === undefined) return;
          for (const delta of page.deltas) write(response, `${JSON.stringify(delta)}\n`);
          if (page.cursorEnd === cursor) return;
          cursor = page.cursorEnd;
        }
      };
      const heartbeat = setInterval(() => write(response, '\n'), HEARTBEAT_MS);
      const timer = setTimeout(() => response.end(), secondsOf(x, DEFAULT_STREAM_SECONDS) * 1000);
      const stop = x.world.deltas.onChange(x.holder.id, push);
      heartbeat.unref();
      timer.unref();
      response.once('close', () => {
        clearInterval(heartbeat);
        clearTimeout(timer);
        stop();
      });
      write(response, '\n');
      push();
    },
  };
}

function generate(x: Exchange): Reply {
  const { start } = x.body;
  if (!Number.isInteger(start) || Object.keys(x.body).length !== 1) {
    return v2Error(
      400,
      'invalid_request_error',
      'generate_cursor request body must have the format {"start": <Unix timestamp>}',
    );
  }
  return jsonReply(200, { cursor: x.world.deltas.at(x.holder.id, start as number) });
}

/** v2 deltas with cursors, and the status of asynchronous writes. */
export const deltaRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: '/delta/latest_cursor',
    handle: (x) => jsonReply(200, { cursor: x.world.deltas.latest(x.holder.id) }),
  },
  { method: 'POST', template: '/delta/generate_cursor', json: 'required', handle: generate },
  { method: 'GET', template: '/delta', handle: list },
  { method: 'GET', template: '/delta/longpoll', handle: longpoll },
  { method: 'GET', template: '/delta/streaming', handle: stream },
  ...v2ResourceRoutes({
    template: '/job-statuses',
    parameter: 'job_status_id',
    kind: (kinds) => kinds.jobStatus,
    operations: ['list', 'find'],
  }),
];
