import type { WebhookStatus } from '@nylas-otel/semantic-conventions';
import type { DestinationReading } from './destination-list.ts';

/** What is known of one destination; survives JSON. */
export interface KnownDestination {
  readonly id: string;
  /** Which one it is by age, from 1; kept for ever, so that a label never moves to another destination. */
  readonly ordinal: number;
  readonly status: WebhookStatus | undefined;
  /** Unix milliseconds since when it has this status, as far as is known. */
  readonly since: number;
  /** Unix milliseconds since when it is in trouble: `failing` or `failed` without a time of `active` in between. */
  readonly troubleSince: number | undefined;
  /** False once it is no longer listed. */
  readonly listed: boolean;
}

/** A change of a destination's status. */
export interface DestinationTransition {
  readonly destination: KnownDestination;
  readonly from: WebhookStatus | undefined;
  readonly to: WebhookStatus | undefined;
  /** Unix milliseconds: when Nylas says it changed, else when it was seen. */
  readonly time: number;
  /** Set when it is back to `active`, or gone, after trouble: since when that was. */
  readonly trouble: number | undefined;
}

/** Puts a complete list beside what was known: what is known now, and what changed. */
export function mergeDestinations(
  known: readonly KnownDestination[],
  listed: readonly DestinationReading[],
  now: number,
): {
  readonly destinations: readonly KnownDestination[];
  readonly transitions: readonly DestinationTransition[];
} {
  const byId = new Map(known.map((one) => [one.id, one]));
  const transitions: DestinationTransition[] = [];
  const present = new Set<string>();
  let ordinal = known.reduce((most, one) => Math.max(most, one.ordinal), 0);
  for (const reading of [...listed].sort(byAge)) {
    if (present.has(reading.id)) continue;
    present.add(reading.id);
    const former = byId.get(reading.id);
    const time = Math.min(reading.statusSince ?? now, now);
    if (former !== undefined && former.status === reading.status) {
      byId.set(reading.id, { ...former, listed: true });
      continue;
    }
    const troubled = reading.status === 'failing' || reading.status === 'failed';
    const destination: KnownDestination = {
      id: reading.id,
      ordinal: former?.ordinal ?? ++ordinal,
      status: reading.status,
      since: time,
      // `pause` is somebody's own doing and neither begins nor ends trouble.
      troubleSince:
        reading.status === 'active' ? undefined : (former?.troubleSince ?? (troubled ? time : undefined)),
      listed: true,
    };
    byId.set(reading.id, destination);
    if (former === undefined && !troubled) continue;
    transitions.push({
      destination,
      from: former?.status,
      to: reading.status,
      time,
      trouble: reading.status === 'active' ? former?.troubleSince : undefined,
    });
  }
  const destinations = [...byId.values()].map((one) =>
    present.has(one.id) ? one : { ...one, listed: false, troubleSince: undefined },
  );
  for (const { id, listed: wasListed, troubleSince, status } of known) {
    if (present.has(id) || !wasListed || troubleSince === undefined) continue;
    const destination = destinations.find((one) => one.id === id);
    // Whoever deletes one that failed has another: what was missed in between is made up for.
    if (destination !== undefined)
      transitions.push({ destination, from: status, to: undefined, time: now, trouble: troubleSince });
  }
  return { destinations, transitions };
}

function byAge(a: DestinationReading, b: DestinationReading): number {
  return (a.createdAt ?? 0) - (b.createdAt ?? 0) || (a.id < b.id ? -1 : 1);
}

const MOST_LABELS = 50;

/** The label of a destination: the alias it was given, else its ordinal; `other` beyond 50. Never an id, never a URL. */
export function destinationLabel(
  { id, ordinal }: KnownDestination,
  aliases: Readonly<Record<string, string>>,
): string {
  if (ordinal > MOST_LABELS) return 'other';
  return Object.hasOwn(aliases, id) ? (aliases[id] as string) : String(ordinal);
}
