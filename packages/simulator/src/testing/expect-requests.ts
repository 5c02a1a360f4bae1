import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import { compileRoutePattern, templateShape } from '../faults/route-pattern.ts';
import type { RequestRecord } from '../http/request-log.ts';
import type { Simulator } from '../simulator.ts';

/** Which requests are meant; all where nothing is said. */
export interface RequestFilter {
  readonly method?: string;
  /** A template (`/v3/grants/{grant_id}/messages`, parameter names do not matter) or a pattern over the path (`/v3/**`). */
  readonly route?: string;
  /** Grant id. */
  readonly grant?: string;
  /** Account id. */
  readonly account?: string;
}

/** Assertions on what was asked of Nylas; each throws an `AssertionError` that lists the requests, and returns itself. */
export interface NylasRequestAssertions {
  /** The requests that are meant, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** So many were made. */
  times(count: number): this;
  /** So many or more were made. */
  atLeast(count: number): this;
  /** So many or fewer were made. */
  atMost(count: number): this;
  /** None was made. */
  never(): this;
  /** They were answered with these statuses, in this order. Undefined: no answer. */
  answered(...statuses: readonly (number | undefined)[]): this;
  /** They were these, in this order and no others: `GET /v3/grants/{grant_id}/messages`. */
  inOrder(...requests: readonly string[]): this;
  /** Each had this header; a text must be equal, a pattern must match. */
  withHeader(name: string, value?: string | RegExp): this;
  /** None had this header. */
  withoutHeader(name: string): this;
  /** Each had these query parameters, and maybe others. */
  withQuery(query: Readonly<Record<string, string>>): this;
  /** Each had these fields in its JSON body, and maybe others. */
  withBody(fields: Readonly<Record<string, unknown>>): this;
  /** Between one and the next there were at least so many milliseconds of simulated time, as after a `Retry-After`. */
  apart(ms: number): this;
}

const describe = (one: RequestRecord): string =>
  `${one.method} ${one.path}${one.query} -> ${one.status ?? 'no answer'}${one.fault === undefined ? '' : ` (${one.fault})`}`;

/**
 * What a test's code asked of the simulated Nylas.
 *
 * @param which all requests, one sort as text (`GET /v3/grants/{grant_id}/messages`, or a route alone), or a filter
 * @example expectNylasRequests(nylas, 'POST /v3/grants/{grant_id}/messages/send').times(1)
 */
export function expectNylasRequests(
  simulator: Simulator,
  which: string | RequestFilter = {},
): NylasRequestAssertions {
  const filter = typeof which === 'string' ? parse(which) : which;
  const fits = matcher(filter);
  return new Assertions(simulator.requests.list().filter(fits), label(filter));
}

function parse(text: string): RequestFilter {
  const [first = '', second] = text.trim().split(/\s+/);
  return second === undefined ? { route: first } : { method: first, route: second };
}

function label({ method, route, grant, account }: RequestFilter): string {
  const parts = [method, route, grant && `grant ${grant}`, account && `account ${account}`];
  return parts.filter((part) => part !== undefined).join(' ') || 'any request';
}

function matcher({ method, route, grant, account }: RequestFilter): (one: RequestRecord) => boolean {
  const pattern = route === undefined ? undefined : compileRoutePattern(route);
  return (one) =>
    (method === undefined || one.method === method.toUpperCase()) &&
    (grant === undefined || one.grantId === grant) &&
    (account === undefined || one.accountId === account) &&
    (pattern?.fits({ shape: templateShape(one.template ?? one.path), path: one.path }) ?? true);
}

class Assertions implements NylasRequestAssertions {
  readonly requests: readonly RequestRecord[];
  readonly #label: string;

  constructor(requests: readonly RequestRecord[], what: string) {
    this.requests = requests;
    this.#label = what;
  }

  times(count: number): this {
    return this.#check(this.requests.length === count, `${count} times`, count, this.requests.length);
  }

  atLeast(count: number): this {
    return this.#check(this.requests.length >= count, `at least ${count} times`, count, this.requests.length);
  }

  atMost(count: number): this {
    return this.#check(this.requests.length <= count, `at most ${count} times`, count, this.requests.length);
  }

  never(): this {
    return this.times(0);
  }

  answered(...statuses: readonly (number | undefined)[]): this {
    const actual = this.requests.map((one) => one.status);
    return this.#check(
      isDeepStrictEqual(actual, statuses),
      `answered ${statuses.join(', ')}`,
      statuses,
      actual,
    );
  }

  inOrder(...requests: readonly string[]): this {
    const fit =
      requests.length === this.requests.length &&
      requests.every((text, index) => matcher(parse(text))(this.requests[index] as RequestRecord));
    return this.#check(
      fit,
      `in the order ${requests.join(', ')}`,
      requests,
      this.requests.map((one) => `${one.method} ${one.template ?? one.path}`),
    );
  }

  withHeader(name: string, value?: string | RegExp): this {
    return this.#each(`with the header ${name}`, value ?? 'any value', (one) => {
      const actual = one.headers[name.toLowerCase()];
      const text = Array.isArray(actual) ? actual.join(', ') : actual;
      const fits =
        text !== undefined &&
        (value === undefined || (typeof value === 'string' ? text === value : value.test(text)));
      return { fits, actual: text };
    });
  }

  withoutHeader(name: string): this {
    return this.#each(`without the header ${name}`, undefined, (one) => {
      const actual = one.headers[name.toLowerCase()];
      return { fits: actual === undefined, actual };
    });
  }

  withQuery(query: Readonly<Record<string, string>>): this {
    return this.#each('with the query', query, (one) => {
      const actual = Object.fromEntries(new URLSearchParams(one.query));
      return { fits: Object.entries(query).every(([name, value]) => actual[name] === value), actual };
    });
  }

  withBody(fields: Readonly<Record<string, unknown>>): this {
    return this.#each('with the body', fields, (one) => {
      const actual = one.body;
      const fits =
        actual !== undefined &&
        Object.entries(fields).every(([name, value]) => isDeepStrictEqual(actual[name], value));
      return { fits, actual };
    });
  }

  apart(ms: number): this {
    const gaps = this.requests
      .slice(1)
      .map((one, index) => one.time - (this.requests[index] as RequestRecord).time);
    return this.#check(gaps.length > 0 && gaps.every((gap) => gap >= ms), `${ms} ms apart`, ms, gaps);
  }

  #each(
    what: string,
    expected: unknown,
    test: (one: RequestRecord) => { readonly fits: boolean; readonly actual: unknown },
  ): this {
    // Nothing is no proof: an assertion on each of no requests would always hold.
    if (this.requests.length === 0) return this.#check(false, what, expected, undefined);
    for (const one of this.requests) {
      const { fits, actual } = test(one);
      if (!fits) return this.#check(false, what, expected, actual);
    }
    return this;
  }

  #check(holds: boolean, what: string, expected: unknown, actual: unknown): this {
    if (holds) return this;
    const seen = this.requests.map((one) => `\n  ${describe(one)}`).join('') || ' none';
    throw new AssertionError({
      message: `expected ${this.#label} ${what}; Nylas was asked:${seen}`,
      expected,
      actual,
      operator: 'expectNylasRequests',
      stackStartFn: this.times,
    });
  }
}
