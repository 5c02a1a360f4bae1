import type { Cause } from '../causes.ts';
import type { FullStage } from '../stage.ts';

const labels = { nylas_application: 'crm' };
const job = { job: 'handler-service' };
const TRIGGER = 'contact.updated';

/** What happens behind a receiver: handlers fail or hang, the store is away. */
export const HANDLING: readonly Cause<FullStage>[] = [
  {
    what: 'a handler fails until it is given up',
    alerts: ['NylasWebhookDeadLetters'],
    labels,
    begin: ({ nylas, crm }) => {
      crm.be('fails');
      nylas.webhooks.send(TRIGGER, { count: 5 });
    },
    end: ({ crm, handlers }) => {
      crm.be('well');
      return handlers.redrive();
    },
  },
  (() => {
    let flow: NodeJS.Timeout | undefined;
    return {
      what: 'handlers hang while more arrives',
      alerts: ['NylasWebhookBacklogGrowing'],
      labels,
      begin: ({ nylas, crm }) => {
        crm.be('hangs');
        flow = setInterval(() => nylas.webhooks.send(TRIGGER, { count: 5 }), 500);
      },
      end: ({ crm }) => {
        clearInterval(flow);
        crm.be('well');
      },
    } satisfies Cause<FullStage>;
  })(),
  {
    what: 'the store is away',
    alerts: ['NylasWebhookRefused', 'NylasTelemetryErrors'],
    labels: job,
    begin: ({ handlers, hurriedNylas }) => {
      handlers.store.cut();
      hurriedNylas.webhooks.send(TRIGGER, { count: 30 });
    },
    end: ({ handlers }) => handlers.store.mend(),
  },
  {
    what: 'what was refused is sent again',
    alerts: ['NylasWebhookRedeliveries'],
    labels: job,
    begin: async ({ handlers, hurriedNylas }) => {
      handlers.store.cut();
      hurriedNylas.webhooks.send(TRIGGER, { count: 30 });
      await hurriedNylas.clock.settled();
      handlers.store.mend();
    },
    end: () => undefined,
  },
];
