import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { step } from '../screen/steps.mjs';
import { type MailService, startMailService } from './mail-service.ts';
import { accountSeeds, grantSeeds } from './mailboxes.ts';
import { findPrometheus, type Prometheus, startPrometheus } from './prometheus.ts';
import { type SpanReceiver, startSpanReceiver } from './span-receiver.ts';

/** Everything that runs. */
export interface World {
  readonly nylas: Simulator;
  readonly collector: SpanReceiver;
  readonly service: MailService;
  /** Undefined where it is not installed. */
  readonly prometheus: Prometheus | undefined;
}

/**
 * Starts everything, and shows it.
 *
 * @param ends takes what has to be ended
 */
export async function startWorld(ends: AsyncDisposableStack): Promise<World> {
  const nylas = await step('A Nylas of our own', async (note) => {
    const simulator = ends.use(
      await startSimulator({
        grants: grantSeeds(),
        accounts: accountSeeds(),
        latency: { minMs: 15, maxMs: 90 },
        requestLog: 100_000,
      }),
    );
    note(`${simulator.grants.list().length} grants (v3), ${simulator.accounts.list().length} accounts (v2)`);
    return simulator;
  });
  const collector = ends.use(await startSpanReceiver());
  const service = await step('The mail service, in its own process', async () =>
    ends.use(await startMailService(nylas, collector.url)),
  );
  const program = findPrometheus();
  const prometheus =
    program &&
    (await step('Prometheus', async (note) => {
      const started = ends.use(await startPrometheus(program, service.url));
      note('scrapes the service every second');
      return started;
    }));
  return { nylas, collector, service, prometheus: prometheus || undefined };
}
