import type { NextConfig } from 'next';

const config: NextConfig = {
  // + nylas-otel: loaded by Node and not bundled, so that there is one copy of each, and the SDK can be patched
  serverExternalPackages: ['nylas', '@nylas-otel/node', '@nylas-otel/store', '@nylas-otel/webhooks'],
};

// biome-ignore lint/style/noDefaultExport: where Next.js looks for it
export default config;
