import { connect } from 'node:net';
import { type Check, fail, pass, skip } from '../check.ts';

const TIMEOUT_MS = 3_000;

export const otlp: Check = {
  name: 'otlp',
  looksAt: 'whether something listens where OTEL_EXPORTER_OTLP_ENDPOINT points',
  async run({ context: { env } }) {
    const variables = [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
      'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    ];
    const given = variables.filter((name) => env[name]?.trim());
    if (given.length === 0) return skip('OTEL_EXPORTER_OTLP_ENDPOINT is not set: nothing is sent over OTLP.');
    for (const name of given) {
      const text = (env[name] ?? '').trim();
      const url = URL.parse(text.includes('://') ? text : `http://${text}`);
      if (url === null) return fail(`${name} is no address.`, 'Give one such as http://localhost:4318.');
      const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const error = await refusal(host, port);
      if (error !== undefined) {
        return fail(
          `Nothing takes connections at ${host}:${port} (${error}).`,
          `Start the OpenTelemetry Collector, or mend ${name}: port 4318 is OTLP over HTTP, 4317 over gRPC.`,
        );
      }
    }
    return pass(`A collector listens (${given.join(', ')}).`);
  },
};

function refusal(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: string | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(TIMEOUT_MS, () => settle('ETIMEDOUT'));
    socket.once('connect', () => settle(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.name));
  });
}
