import type { NextConfig } from 'next';

const config: NextConfig = {
  // + nylas-otel: loaded by Node and not bundled, so that there is one copy of each, and the SDK can be patched
  serverExternalPackages: ['nylas', '@nylas-otel/node', '@nylas-otel/store', '@nylas-otel/webhooks'],
};

export default config;
