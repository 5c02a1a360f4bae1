import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { startPostgres } from '@nylas-otel/store/testing';
import type { Target } from './alert-world.ts';
import { type AccountMonitor, startAccountMonitor } from './parts/account-monitor.ts';
import { type Exporter, startExporter } from './parts/exporter.ts';
import { type HandlerService, startHandlerService } from './parts/handler-service.ts';
import { type BusyMailService, startBusyMailService } from './parts/mail-service.ts';
import { type Neighbour, startNeighbour } from './parts/neighbour.ts';
import { type ScriptedPage, startScriptedPage } from './parts/scripted-page.ts';

/** What causes may touch. */
export interface Stage extends AsyncDisposable {
  readonly nylas: Simulator;
  /** The example service under load, job `mail-service`. */
  readonly service: BusyMailService;
  /** `nylas-otel exporter`, job `nylas-exporter`, application `mail`. */
  readonly exporter: Exporter;
  /** The exporter's webhooks come here, five a second. */
  readonly destinationId: string;
  /** A destination that is told of nothing. */
  readonly spareDestinationId: string;
  /** What the exporter has ask people to sign in. */
  readonly people: Neighbour;
  readonly targets: readonly Target[];
}

/** All of it. */
export interface FullStage extends Stage {
  /** Another Nylas, in which a minute passes in a second. */
  readonly hurriedNylas: Simulator;
  /** Handlers of webhooks on a PostgreSQL, job `handler-service`, application `crm`. */
  readonly handlers: HandlerService;
  /** What the handlers call. */
  readonly crm: Neighbour;
  /** The example that keeps accounts of API v2 alive, job `account-monitor`, application `default`. */
  readonly monitor: AccountMonitor;
  /** Job `script`. */
  readonly script: ScriptedPage;
}

const GRANTS = 60;

/** Starts what `npm test` needs. */
export async function startStage(): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const nylas = await startSimulator({ grants: GRANTS, accounts: 4, limits: false });
  stack.defer(() => nylas.close());
  const people = stack.use(await startNeighbour());
  const [service, exporter] = await Promise.all([
    startBusyMailService(nylas),
    startExporter(nylas, people.url),
  ]);
  stack.use(service);
  stack.use(exporter);
  const { webhooks: url, secret } = exporter;
  const news = ['grant.expired', 'grant.updated', 'message.created'];
  const destination = await nylas.webhooks.subscribe({ url, secret, triggers: news });
  const spare = await nylas.webhooks.subscribe({ url, secret, triggers: ['booking.created'] });
  const [first] = nylas.grants.list();
  const flow = setInterval(
    () => nylas.webhooks.send('message.created', first === undefined ? {} : { accountId: first.id }),
    200,
  );
  stack.defer(() => clearInterval(flow));
  return {
    nylas,
    service,
    exporter,
    people,
    destinationId: destination.id,
    spareDestinationId: spare.id,
    targets: [
      { job: 'mail-service', url: `${service.url}/metrics/nylas` },
      { job: 'nylas-exporter', url: exporter.metrics },
    ],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Starts everything. */
export async function startFullStage(): Promise<FullStage> {
  const stack = new AsyncDisposableStack();
  const [stage, postgres] = await Promise.all([startStage(), startPostgres()]);
  stack.use(stage);
  stack.defer(() => postgres.stop());
  const hurriedNylas = await startSimulator({ grants: 3, clock: { scale: 60 } });
  stack.defer(() => hurriedNylas.close());
  const crm = stack.use(await startNeighbour());
  const script = stack.use(await startScriptedPage());
  const [handlers, monitor] = await Promise.all([
    postgres.createDatabase().then((database) => startHandlerService(postgres.port, database, crm.url)),
    postgres.createDatabase().then((database) => startAccountMonitor(stage.nylas, database)),
  ]);
  stack.use(handlers);
  stack.use(monitor);
  const { url, secret } = handlers;
  for (const nylas of [stage.nylas, hurriedNylas])
    await nylas.webhooks.subscribe({ url, secret, triggers: ['contact.updated'] });
  return {
    ...stage,
    hurriedNylas,
    handlers,
    crm,
    monitor,
    script,
    targets: [
      ...stage.targets,
      { job: 'handler-service', url: handlers.metrics },
      { job: 'account-monitor', url: monitor.metrics },
      { job: 'script', url: script.url },
    ],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
