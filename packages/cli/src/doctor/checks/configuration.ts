import { type Check, pass, warn } from '../check.ts';

export const configuration: Check = {
  name: 'configuration',
  looksAt:
    'flags, variables and file: unknown names, files that others can read, listeners open to all without a token',
  async run({ context: { reading, settings } }) {
    const open = settings['metrics.host'];
    const unguarded = settings['metrics.token'] === undefined && settings['metrics.basic_auth'] === undefined;
    const file = reading.configPath ?? 'no file';
    if (reading.warnings.length > 0) return warn(reading.warnings.join(' '), 'Mend each, or remove it.');
    if (unguarded && !['localhost', '127.0.0.1', '::1'].includes(open)) {
      return warn(
        `/metrics listens on ${open} and asks for no credentials.`,
        'Set NYLAS_OTEL_METRICS_TOKEN_FILE, or let the network admit Prometheus only.',
      );
    }
    return pass(`Read from ${file}, ${reading.sources.size} options given.`);
  },
};
