/** A webhook destination as Nylas lists it; never with its secret. */
export interface Destination {
  readonly id: string;
  readonly url: string;
  /** `active`, `failing`, `failed`, `pause`; `inactive` on v2. */
  readonly status: string;
  readonly triggers: readonly string[];
  readonly description: string;
  /** Unix seconds. */
  readonly statusUpdatedAt: number | undefined;
  readonly compressed: boolean;
}

/** Reads a list of destinations, v3's or v2's. Leaves out what is none. */
export function readDestinations(body: unknown): Destination[] {
  const list = Array.isArray(body) ? body : (body as { data?: unknown } | undefined)?.data;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: Record<string, unknown> | null) => {
    if (item === null || typeof item !== 'object' || typeof item.id !== 'string') return [];
    const text = (...names: string[]): string => {
      const value = names.map((name) => item[name]).find((found) => typeof found === 'string');
      return typeof value === 'string' ? value : '';
    };
    const triggers = item.trigger_types ?? item.triggers;
    const at = item.status_updated_at;
    return [
      {
        id: item.id,
        url: text('webhook_url', 'callback_url'),
        status: text('status', 'state') || 'unknown',
        triggers: Array.isArray(triggers) ? triggers.map(String) : [],
        description: text('description'),
        statusUpdatedAt: typeof at === 'number' ? at : undefined,
        compressed: item.compressed_delivery === true,
      },
    ];
  });
}
