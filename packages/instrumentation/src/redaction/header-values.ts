// Request and flow ids are opaque tokens of Nylas's edge; a value of any other shape is not one.
const ID = /^[A-Za-z0-9][A-Za-z0-9_:.-]{0,127}$/;

/** A request or flow id as telemetry may show it; undefined for anything that is not shaped like one. */
export function shownId(value: string | undefined): string | undefined {
  return value !== undefined && ID.test(value) ? value : undefined;
}

/** A non-negative integer from a header; undefined for anything else. */
export function headerInteger(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d{1,15}$/.test(value)) return undefined;
  return Number(value);
}
