/** v3: `active`, `pause`, `failing`, `failed`. v2: `active`, `inactive`, `failing`, `failed`. */
export type DestinationStatus = 'active' | 'pause' | 'inactive' | 'failing' | 'failed';

/** Where notifications go: a v3 webhook destination or a v2 webhook. */
export interface Destination {
  readonly id: string;
  readonly version: 'v2' | 'v3';
  readonly url: string;
  readonly triggers: readonly string[];
  /** What signs its notifications: its own secret (v3), or the application's client secret (v2). */
  readonly secret: string;
  /** gzip. v3 only. */
  readonly compressed: boolean;
  readonly status: DestinationStatus;
  readonly description: string;
  /** Who gets mail when it is failing and when it failed. */
  readonly emails: readonly unknown[];
  /** Unix seconds. */
  readonly statusUpdatedAt: number;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Unix seconds. */
  readonly updatedAt: number;
}

/** What a client or a test says of a destination. */
export interface DestinationFields {
  readonly url?: string;
  readonly triggers?: readonly string[];
  readonly secret?: string;
  readonly compressed?: boolean;
  readonly status?: DestinationStatus;
  readonly description?: string;
  readonly emails?: readonly unknown[];
}
