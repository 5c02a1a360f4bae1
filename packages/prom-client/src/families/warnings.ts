import { diag } from '@opentelemetry/api';
import type { FamilyDescriptor } from './family.ts';

/** Says once per instrument that it is full. */
export function warnOfOverflow({ name, cardinalityLimit }: FamilyDescriptor): void {
  diag.warn(
    `nylas-otel: metric "${name}" has ${cardinalityLimit} attribute sets; further ones are counted together in the ` +
      'series otel_metric_overflow="true". Give it attributes with fewer values.',
  );
}
