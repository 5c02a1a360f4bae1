import { nylasMetricsHandler } from '@nylas-otel/node'; // + nylas-otel

export const dynamic = 'force-dynamic';

const metrics = nylasMetricsHandler(); // + nylas-otel

export const GET = (request: Request): Promise<Response> => metrics.fetch(request); // + nylas-otel
