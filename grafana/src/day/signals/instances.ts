/** Two replicas of the service that calls Nylas and receives its webhooks. */
export const SERVICES = [
  { job: 'mail-service', instance: '10.1.0.11:9464' },
  { job: 'mail-service', instance: '10.1.0.12:9464' },
] as const;

/** The sidecar that knows accounts, destinations and the platform. */
export const EXPORTER = { job: 'nylas-exporter', instance: '10.1.0.20:9465' } as const;

/** What all shared metrics carry. */
export const SHARED = { ...EXPORTER, 'nylas.application': 'default' } as const;
