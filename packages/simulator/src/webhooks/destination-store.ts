import type { Owner } from '../data/mailbox.ts';
import { encodeId, toV2Id } from '../data/object-id.ts';
import { hashOf, hex8 } from '../data/random.ts';
import type { Destination, DestinationFields, DestinationStatus } from './destination.ts';

const V3_CODE = 46;
const V2_CODE = 131;

type Stored = { -readonly [K in keyof Destination]: Destination[K] };

/** The destinations of both APIs, oldest first. */
export class DestinationStore {
  readonly #application: Owner;
  readonly #clientSecret: string;
  readonly #seconds: () => number;
  readonly #byId = new Map<string, Stored>();
  #serial = 0;

  /** @param seconds the simulator's clock, Unix seconds */
  constructor(application: Owner, clientSecret: string, seconds: () => number) {
    this.#application = application;
    this.#clientSecret = clientSecret;
    this.#seconds = seconds;
  }

  /** The destinations of one API, or all. */
  list(version?: 'v2' | 'v3'): Destination[] {
    const all = [...this.#byId.values()];
    return version === undefined ? all : all.filter((one) => one.version === version);
  }

  /** One destination of an API. */
  get(version: 'v2' | 'v3', id: string): Destination | undefined {
    const found = this.#byId.get(id);
    return found?.version === version ? found : undefined;
  }

  /** Adds one; a v3 secret is invented unless it is given. */
  add(version: 'v2' | 'v3', fields: DestinationFields & { readonly url: string }): Destination {
    const serial = this.#serial++;
    const v2 = version === 'v2';
    const id = encodeId(this.#application.key, v2 ? V2_CODE : V3_CODE, serial);
    const now = this.#seconds();
    const destination: Stored = {
      id: v2 ? toV2Id(id) : id,
      version,
      url: fields.url,
      triggers: fields.triggers ?? [],
      secret: v2 ? this.#clientSecret : (fields.secret ?? this.#newSecret()),
      compressed: fields.compressed ?? false,
      status: fields.status ?? 'active',
      description: fields.description ?? '',
      emails: fields.emails ?? [],
      statusUpdatedAt: now,
      createdAt: now,
      updatedAt: now,
    };
    this.#byId.set(destination.id, destination);
    return destination;
  }

  /** Lays new values over a destination. */
  update(destination: Destination, fields: DestinationFields): Destination {
    const stored = destination as Stored;
    const { status, ...others } = fields;
    for (const [name, value] of Object.entries(others)) {
      if (value !== undefined) Object.assign(stored, { [name]: value });
    }
    stored.updatedAt = this.#seconds();
    if (status !== undefined) this.setStatus(stored, status);
    return stored;
  }

  /** Changes the status, and notes when. */
  setStatus(destination: Destination, status: DestinationStatus): void {
    const stored = destination as Stored;
    if (stored.status !== status) stored.statusUpdatedAt = this.#seconds();
    stored.status = status;
  }

  /** Gives a new secret; the old one is worth nothing at once. */
  rotate(destination: Destination): Destination {
    return this.update(destination, { secret: this.#newSecret() });
  }

  /** Removes one. */
  remove(destination: Destination): void {
    this.#byId.delete(destination.id);
  }

  /** Forgets all. */
  clear(): void {
    this.#byId.clear();
    this.#serial = 0;
  }

  #newSecret(): string {
    const serial = this.#serial++;
    return [1, 2, 3, 4].map((n) => hex8(hashOf(this.#application.key, 820 + n, serial))).join('-');
  }
}
