import { instrumentNylas } from '@nylas-otel/instrumentation'; // + nylas-otel
import sdk from 'nylas';

// The package's types describe its CommonJS face.
const Nylas = sdk as unknown as typeof sdk.default;
const { NYLAS_API_KEY: apiKey = '', NYLAS_API_URI: apiUri, NYLAS_GRANT_ID: identifier = '' } = process.env;
const nylas = new Nylas({ apiKey, ...(apiUri && { apiUri }) });
instrumentNylas(nylas); // + nylas-otel: Nylas's own error type, without a loader hook

/** The job of this example: reads a mailbox, which may fail. */
export async function readMailbox(): Promise<number> {
  const { data } = await nylas.messages.list({ identifier, queryParams: { limit: 10 } });
  return data.length;
}

/** Hosts of a simulator or proxy in front of Nylas. */
export const hosts = process.env.NYLAS_HOSTS?.split(',').map((host) => ({ host })) ?? [];
