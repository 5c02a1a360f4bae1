import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_URL_TEMPLATE,
  ATTRIBUTES,
  type MetricDefinition,
} from '@nylas-otel/semantic-conventions';
import type { Attributes } from '@opentelemetry/api';
import type { FoldStep } from './count-table.ts';

type AttributeTable = { readonly [name: string]: { readonly values?: readonly string[] } | undefined };

/** First step: an error type becomes `_OTHER`. */
const foldErrorType: FoldStep = (attributes) =>
  attributes[ATTR_ERROR_TYPE] === undefined ? attributes : { ...attributes, [ATTR_ERROR_TYPE]: '_OTHER' };

/** Second step: a status code becomes its class, as the number its class begins with (429 to 400). */
const foldStatus: FoldStep = (attributes) => {
  const status = attributes[ATTR_HTTP_RESPONSE_STATUS_CODE];
  return typeof status === 'number'
    ? { ...attributes, [ATTR_HTTP_RESPONSE_STATUS_CODE]: Math.floor(status / 100) * 100 }
    : attributes;
};

/** Third step: a template becomes `other`. */
const foldTemplate: FoldStep = (attributes) =>
  attributes[ATTR_URL_TEMPLATE] === undefined ? attributes : { ...attributes, [ATTR_URL_TEMPLATE]: 'other' };

/** The order in which new attribute sets are made coarser near the bound (TELEMETRY: metrics). */
export function foldsFor(attributeNames: readonly string[]): FoldStep[] {
  const folds: FoldStep[] = [];
  if (attributeNames.includes(ATTR_ERROR_TYPE)) folds.push(foldErrorType);
  if (attributeNames.includes(ATTR_HTTP_RESPONSE_STATUS_CODE)) folds.push(foldStatus);
  if (attributeNames.includes(ATTR_URL_TEMPLATE)) folds.push(foldTemplate);
  return folds;
}

/**
 * The series a counter is born with, at 0: a series first seen at 1 is invisible to `increase()`, so an alert on the
 * first failure would never fire. Attributes without a closed list are left at their coarsest value.
 */
export function bornAtZero(definition: MetricDefinition): Attributes[] {
  const names = definition.bornAtZero;
  if (names === undefined) return [];
  let sets: Attributes[] = [{}];
  for (const name of definition.attributes) {
    const values = names.includes(name) ? (ATTRIBUTES as AttributeTable)[name]?.values : undefined;
    if (values !== undefined)
      sets = sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value })));
    else if (name === ATTR_URL_TEMPLATE) sets = sets.map((set) => ({ ...set, [name]: 'other' }));
  }
  return sets;
}
