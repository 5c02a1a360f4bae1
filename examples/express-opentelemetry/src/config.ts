const { env } = process;

function required(name: string): string {
  const value = env[name];
  if (value) return value;
  throw new Error(`mail-service: ${name} is not set. .env.example names every variable of the service.`);
}

/** Settings of the service, from the environment. */
export const config = {
  port: Number(env.PORT ?? 3000),

  nylasV3: {
    apiKey: required('NYLAS_API_KEY'),
    apiUri: env.NYLAS_API_URI ?? 'https://api.us.nylas.com',
    /** Seconds. */
    timeout: Number(env.NYLAS_TIMEOUT ?? 30),
  },

  /** For mailboxes that have not moved to v3 yet. */
  nylasV2: {
    clientId: required('NYLAS_CLIENT_ID'),
    clientSecret: required('NYLAS_CLIENT_SECRET'),
    apiServer: env.NYLAS_API_SERVER ?? 'https://api.nylas.com',
  },
  /** Access tokens of v2 by account id; a real service has them in its database. */
  legacyTokens: new Map(Object.entries(JSON.parse(env.LEGACY_TOKENS ?? '{}') as Record<string, string>)),

  nylasHosts: env.NYLAS_HOSTS?.split(',') ?? [], // + nylas-otel: a proxy or simulator in front of Nylas
  accountSweepSeconds: Number(env.ACCOUNT_SWEEP_SECONDS ?? 300), // + nylas-otel
};
