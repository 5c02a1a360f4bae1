import { type Cause, fault } from '../causes.ts';
import type { Stage } from '../stage.ts';

const labels = { nylas_application: 'mail' };
const SINCE = ['recover', '--since', '10m'];

/** The account that recovery is asked for. Nobody else reads its events. */
const account = ({ nylas }: Stage): string => nylas.grants.list()[20]?.id ?? '';
const becomes = (status: 'failing' | 'failed' | 'active') => (stage: Stage) =>
  stage.nylas.webhooks.setStatus(stage.spareDestinationId, status);

/** What the exporter reads of destinations and the status page, and what it recovers. */
export const MISSED_WEBHOOKS: readonly Cause[] = [
  {
    what: 'a destination was given up',
    alerts: ['NylasWebhookDestinationFailed'],
    labels,
    always: true,
    begin: becomes('failed'),
    end: becomes('active'),
  },
  {
    what: 'a destination fails',
    alerts: ['NylasWebhookDestinationFailing'],
    labels,
    begin: becomes('failing'),
    end: becomes('active'),
  },
  (() => {
    const down = fault({
      what: 'an operator recovers while Nylas is down',
      alerts: ['NylasWebhookRecoveryFailing'],
      labels: { job: 'nylas-exporter' },
      rule: { fault: 'internal_error', route: '/v3/grants/{grant_id}/events' },
    });
    return {
      ...down,
      begin: (stage) => {
        down.begin(stage);
        return stage.exporter.run(...SINCE, '--accounts', account(stage), '--resources', 'events');
      },
      end: (stage) => {
        down.end(stage);
        return stage.exporter.run(...SINCE, '--accounts', account(stage), '--resources', 'events');
      },
    } satisfies Cause;
  })(),
  {
    what: 'messages are deleted that no list shows',
    alerts: ['NylasWebhookUnrecoverable'],
    labels: { job: 'nylas-exporter' },
    begin: async (stage) => {
      const { nylas, exporter } = stage;
      const grant = account(stage);
      const inventory = [...SINCE, '--accounts', grant, '--resources', 'messages', '--unfiltered', 'count'];
      const messages = Array.from({ length: 3 }, () => nylas.traffic.arrive(grant, { subject: 'Hello' }));
      await exporter.run(...inventory);
      for (const message of messages) nylas.traffic.delete(grant, 'message', `${message?.id}`);
      await exporter.run(...inventory);
    },
    end: () => undefined,
  },
];

/** What the status page says. */
export const PLATFORM: readonly Cause[] = [
  (() => {
    let incident: string | undefined;
    return {
      what: 'Nylas reports an incident',
      alerts: ['NylasPlatformIncident'],
      labels,
      always: true,
      begin: ({ nylas }) => {
        incident = nylas.status.openIncident({ name: 'Elevated 520s', impact: 'major' }).id;
      },
      end: ({ nylas }) =>
        incident !== undefined && nylas.status.updateIncident(incident, { status: 'resolved' }),
    } satisfies Cause;
  })(),
];
