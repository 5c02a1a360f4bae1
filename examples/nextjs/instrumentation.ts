/** Called by Next.js once, when a server starts: the place for telemetry. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  // Next.js's own span of a fetch shows the whole URL. // + nylas-otel
  process.env.NEXT_OTEL_FETCH_DISABLED ??= '1'; // + nylas-otel
  const { startNylasTelemetry } = await import('@nylas-otel/node'); // + nylas-otel
  const hosts = process.env.NYLAS_HOSTS?.split(',').map((host) => ({ host })) ?? []; // + nylas-otel: a simulator or proxy
  startNylasTelemetry({ serviceName: 'mail-web', metrics: { port: false }, hosts }); // + nylas-otel
  const { handleWebhooks } = await import('./lib/webhooks'); // + nylas-otel
  await handleWebhooks(); // + nylas-otel
}
