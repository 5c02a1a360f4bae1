import type { Operation } from '../control/operation.ts';
import { NylasOtelError } from '../errors.ts';

/** What a running exporter says of itself and of what it watches. */
export const exporterStatus: Operation<object, Readonly<Record<string, unknown>>> = {
  name: 'status',
  changes: false,
  async run(_input, { exporter }) {
    if (exporter === undefined) {
      throw new NylasOtelError('notFound', 'No exporter is running.', 'Start it: nylas-otel exporter.');
    }
    const { hurtingAccounts } = await import('@nylas-otel/instrumentation');
    return { ...(await exporter.status()), hurting: hurtingAccounts() };
  },
};
