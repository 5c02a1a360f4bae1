import { describe, expect, it } from 'vitest';
import { didYouMean, nearestName } from './nearest-name.ts';

const KNOWN = ['NYLAS_OTEL_MODE', 'NYLAS_OTEL_METRICS_PORT', 'NYLAS_OTEL_METRICS_HOST'];

describe('the nearest known name', () => {
  it('is found over a typing error', () => {
    expect(nearestName('NYLAS_OTEL_METRIC_PORT', KNOWN)).toBe('NYLAS_OTEL_METRICS_PORT');
    expect(nearestName('nylas_otel_mdoe', KNOWN)).toBe('NYLAS_OTEL_MODE');
  });

  it('is not invented for a name that resembles none', () => {
    expect(nearestName('NYLAS_OTEL_FROBNICATE_EVERYTHING', KNOWN)).toBeUndefined();
    expect(didYouMean('x', ['metrics', 'accounts'])).toBe('');
  });

  it('is put as a question', () => {
    expect(didYouMean('metric', ['metrics', 'accounts'])).toBe(' Did you mean "metrics"?');
  });
});
