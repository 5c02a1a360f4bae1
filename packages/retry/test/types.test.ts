import Nylas8 from 'nylas8';
import type * as undici6 from 'undici6';
import type * as undici7 from 'undici7';
import * as undici8 from 'undici8';
import { expectTypeOf, it } from 'vitest';
import { nylasRetry, retryingFetch, withRetry } from '../src/index.ts';

it('keeps the types of what it wraps', () => {
  expectTypeOf(retryingFetch(fetch)).toEqualTypeOf(fetch);
  expectTypeOf(retryingFetch(undici8.fetch)).toEqualTypeOf(undici8.fetch);
  // The package declares CommonJS types for its ES module.
  const Nylas = Nylas8 as unknown as typeof Nylas8.default;
  const nylas = new Nylas({ apiKey: 'k' });
  expectTypeOf(withRetry(nylas)).toEqualTypeOf(nylas);
});

it('is an interceptor for the types of undici 6, 7 and 8', () => {
  expectTypeOf(nylasRetry()).toExtend<undici6.Dispatcher.DispatcherComposeInterceptor>();
  expectTypeOf(nylasRetry()).toExtend<undici7.Dispatcher.DispatcherComposeInterceptor>();
  expectTypeOf(nylasRetry()).toExtend<undici8.Dispatcher.DispatcherComposeInterceptor>();
});
