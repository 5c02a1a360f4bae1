import { signWebhook } from '@nylas-otel/webhooks';
import type { Cause } from '../causes.ts';

const labels = { job: 'nylas-exporter' };

/** What happens to deliveries on their way to the exporter, which come five times a second. */
export const DELIVERIES: readonly Cause[] = [
  (() => {
    let stranger: string | undefined;
    return {
      what: 'a destination signs with a secret that the receiver was not told',
      alerts: ['NylasWebhookSignatureFailures'],
      labels,
      always: true,
      begin: async ({ nylas, exporter }) => {
        const destination = await nylas.webhooks.subscribe({
          url: exporter.webhooks,
          secret: 'a-rotated-secret',
          triggers: ['message.created'],
        });
        stranger = destination.id;
      },
      end: ({ nylas }) => stranger !== undefined && nylas.webhooks.remove(stranger),
    } satisfies Cause;
  })(),
  {
    what: 'something in between cuts bodies off before they are signed',
    alerts: ['NylasWebhookUnreadable'],
    labels,
    begin: ({ exporter }) => {
      const body = Buffer.from('{"specversion":"1.0","type":"message.crea');
      return fetch(exporter.webhooks, {
        method: 'POST',
        headers: { 'x-nylas-signature': signWebhook(body, exporter.secret) },
        body,
      });
    },
    end: () => undefined,
  },
  {
    what: 'Nylas delivers twenty seconds late',
    alerts: ['NylasWebhookLagHigh'],
    labels,
    begin: ({ nylas }) => nylas.webhooks.tune({ latencyMs: 20_000 }),
    end: ({ nylas }) => nylas.webhooks.tune({ latencyMs: 0 }),
  },
  {
    what: 'Nylas delivers nothing any more',
    alerts: ['NylasWebhookSilence'],
    labels,
    begin: ({ nylas, destinationId }) => nylas.webhooks.startOutage({ destinationId }),
    end: ({ nylas }) => nylas.webhooks.endOutage(),
  },
];
