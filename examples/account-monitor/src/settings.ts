/** What the service reads from its environment. */
export interface Settings {
  readonly port: number;
  /** Where users and Nylas reach this service. */
  readonly publicUrl: string;
  /** Credentials: an API key (v3), or a client secret (v2). */
  readonly apiKey: string | undefined;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly baseUrl: string | undefined;
  readonly webhookSecret: string;
  readonly databaseUrl: string | undefined;
  readonly smtpUrl: string;
  readonly from: string;
  /** Who hears of accounts that need Nylas support. */
  readonly support: string;
  readonly dryRun: boolean;
}

/** Reads the settings. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const needed = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`Set ${name}.`);
    return value;
  };
  const port = Number(environment.PORT ?? 3000);
  return {
    port,
    publicUrl: environment.PUBLIC_URL ?? `http://127.0.0.1:${port}`,
    apiKey: environment.NYLAS_API_KEY,
    clientId: needed('NYLAS_CLIENT_ID'),
    clientSecret: environment.NYLAS_CLIENT_SECRET,
    baseUrl: environment.NYLAS_API_URI,
    webhookSecret: needed('NYLAS_WEBHOOK_SECRET'),
    databaseUrl: environment.DATABASE_URL,
    smtpUrl: needed('SMTP_URL'),
    from: environment.MAIL_FROM ?? 'Example <accounts@example.com>',
    support: environment.MAIL_SUPPORT ?? 'support@example.com',
    // Repair only says what it would do, until it is told otherwise.
    dryRun: environment.REPAIR !== 'on',
  };
}
