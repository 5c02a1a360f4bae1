import type { JsonObject } from './mailbox.ts';
import { isObject, numberOf, objectsOf, textOf } from './untrusted.ts';

/** How a query parameter narrows a list. */
export type Filter = (object: JsonObject, value: string) => boolean;
/** The parameters of a list, by name. */
export type Filters = Readonly<Record<string, Filter>>;

const lower = (value: unknown): string => textOf(value).toLowerCase();
/** Whether one of the addresses in `field` is one of the comma-separated ones asked for. */
const has = (object: JsonObject, field: string, value: string): boolean => {
  const wanted = value.toLowerCase().split(',');
  return objectsOf(object[field]).some((one) => wanted.includes(lower(one.email)));
};

/** Filters that several lists share. */
export const is = {
  address:
    (field: string): Filter =>
    (object, value) =>
      has(object, field, value),
  anyAddress: (object: JsonObject, value: string): boolean =>
    ['from', 'to', 'cc', 'bcc', 'participants'].some((field) => has(object, field, value)),
  text:
    (field: string): Filter =>
    (object, value) =>
      lower(object[field]).includes(value.toLowerCase()),
  exactly:
    (field: string): Filter =>
    (object, value) =>
      textOf(object[field]) === value,
  after:
    (read: (object: JsonObject) => unknown): Filter =>
    (object, value) =>
      numberOf(read(object)) > Number(value),
  before:
    (read: (object: JsonObject) => unknown): Filter =>
    (object, value) =>
      numberOf(read(object)) < Number(value),
  oneOf:
    (field: string): Filter =>
    (object, value) => {
      const values = object[field];
      return Array.isArray(values) && values.includes(value);
    },
  filled:
    (field: string): Filter =>
    (object, value) =>
      objectsOf(object[field]).length > 0 === (value === 'true'),
  metadata: (object: JsonObject, value: string): boolean => {
    const metadata = isObject(object.metadata) ? object.metadata : {};
    return value.split(',').every((pair) => {
      const colon = pair.indexOf(':');
      return (
        Object.hasOwn(metadata, pair.slice(0, colon)) &&
        textOf(metadata[pair.slice(0, colon)]) === pair.slice(colon + 1)
      );
    });
  },
  /** Taken and not acted on: the simulator has no data that it would tell apart. */
  ignored: (): boolean => true,
} as const;

/** One predicate from a query, or undefined when nothing in it filters. */
export function filterFrom(
  query: URLSearchParams,
  filters: Filters,
): ((object: JsonObject) => boolean) | undefined {
  const active: ((object: JsonObject) => boolean)[] = [];
  for (const [name, value] of query) {
    if (!Object.hasOwn(filters, name)) continue;
    const filter = filters[name] as Filter;
    active.push((object) => filter(object, value));
  }
  if (active.length <= 1) return active[0];
  return (object) => active.every((fits) => fits(object));
}
