import {
  BACKLOG_STATES,
  OUTCOMES,
  WEBHOOK_STATUSES,
  type WebhookOutcome,
} from '@nylas-otel/semantic-conventions';
import { DAY_START, hourOf } from '../clock.ts';
import type { History, Labels } from '../history.ts';
import { during, STORY, within } from '../story.ts';
import { requestsPerMinute } from '../traffic.ts';
import { EXPORTER, SERVICES, SHARED } from './instances.ts';

const TRIGGERS = {
  'message.created': 0.5,
  'message.updated': 0.28,
  'event.updated': 0.14,
  'contact.updated': 0.06,
  'grant.expired': 0.02,
} as const;
const STATUS: Readonly<Record<WebhookOutcome, string>> = {
  stored: '200',
  duplicate: '200',
  challenge: '200',
  invalid_signature: '401',
  unreadable: '200',
  too_large: '413',
  overloaded: '503',
  failed: '503',
};

/** Deliveries a minute at one instance. */
function delivered(time: number): number {
  return (
    (requestsPerMinute(time) * (1 + 0.8 * within(STORY.redelivered, hourOf(time)))) / 4 / SERVICES.length
  );
}

function became(outcome: WebhookOutcome, hour: number): number {
  const refused = within(STORY.storeDown, hour);
  const unsigned = within(STORY.secret, hour);
  switch (outcome) {
    case 'stored':
      return (0.99 - 0.25 * within(STORY.redelivered, hour)) * (1 - refused) * (1 - unsigned);
    case 'duplicate':
      return (0.01 + 0.25 * within(STORY.redelivered, hour)) * (1 - refused);
    case 'failed':
      return 0.9 * refused;
    case 'overloaded':
      return 0.1 * refused;
    case 'invalid_signature':
      return unsigned + 0.0001;
    default:
      return 0;
  }
}

export async function webhookSignals(history: History): Promise<void> {
  for (const service of SERVICES) {
    for (const outcome of Object.keys(STATUS) as WebhookOutcome[]) {
      const rate = (time: number): number => delivered(time) * became(outcome, hourOf(time));
      await history.counter(
        'nylas.webhook.deliveries',
        { ...service, 'nylas.webhook.outcome': outcome, 'http.response.status_code': STATUS[outcome] },
        rate,
      );
      if (!['stored', 'failed', 'duplicate'].includes(outcome)) continue;
      const median = outcome === 'failed' ? 2.4 : 0.012;
      await history.histogram(
        'nylas.webhook.delivery.duration',
        { ...service, 'nylas.webhook.outcome': outcome },
        rate,
        () => median,
      );
    }
    for (const [trigger, share] of Object.entries(TRIGGERS)) {
      await events(history, service, trigger, share);
    }
    await history.gauge('nylas.webhook.last_delivery.time', service, (time) => {
      const hour = hourOf(time);
      if (during(STORY.secret, hour)) return DAY_START + STORY.secret.from * 3600;
      return time - 4;
    });
    await history.counter(
      'nylas.webhook.downtime',
      service,
      (time) => 60 * within(STORY.storeDown, hourOf(time)),
    );
  }
  await backlog(history);
  await missed(history);
}

async function events(history: History, service: Labels, trigger: string, share: number): Promise<void> {
  const labels = { ...service, 'nylas.webhook.trigger': trigger };
  const accepted = (time: number): number => delivered(time) * became('stored', hourOf(time)) * share;
  const broken = (time: number): number =>
    trigger === 'contact.updated' ? within(STORY.handler, hourOf(time)) : 0;
  const outcomes = {
    accepted: accepted,
    duplicate: (time: number) => delivered(time) * became('duplicate', hourOf(time)) * share,
    processed: (time: number) => accepted(time) * (1 - broken(time)),
    failed: (time: number) => accepted(time) * broken(time) * 4,
    dead: (time: number) => accepted(time) * broken(time) * 0.1,
  };
  for (const [outcome, rate] of Object.entries(outcomes)) {
    await history.counter(
      'nylas.webhook.events',
      { ...labels, 'nylas.webhook.event.outcome': outcome },
      rate,
    );
  }
  await history.counter(
    'nylas.webhook.redeliveries',
    labels,
    (time) => accepted(time) * 0.6 * within(STORY.redelivered, hourOf(time)),
  );
  const lag = (time: number): number =>
    3 + 240 * within(STORY.redelivered, hourOf(time)) + 25 * within(STORY.outage, hourOf(time));
  await history.histogram('nylas.webhook.event.lag', labels, accepted, lag, 0.7);
  await history.histogram(
    'nylas.webhook.event.processing.duration',
    { ...labels, 'nylas.outcome': 'success' },
    outcomes.processed,
    () => 0.09,
    1,
  );
}

async function backlog(history: History): Promise<void> {
  for (const state of BACKLOG_STATES) {
    await history.gauge(
      'nylas.webhook.backlog',
      { ...SHARED, 'nylas.webhook.backlog.state': state },
      (time) => {
        const hour = hourOf(time);
        if (state === 'dead')
          return during({ from: STORY.handler.from + 0.1, to: STORY.redriven.from }, hour)
            ? Math.round(Math.min(9, (hour - STORY.handler.from) * 15))
            : 0;
        if (state === 'active') return Math.round(3 + 12 * within(STORY.redelivered, hour));
        return Math.round(
          4 +
            2600 * within({ from: 13.4, to: 14.2 }, hour) * Math.max(0, 1 - (hour - 13.4) / 0.9) +
            90 * within(STORY.handler, hour),
        );
      },
    );
  }
}

async function missed(history: History): Promise<void> {
  for (const destination of ['production', 'audit']) {
    for (const status of WEBHOOK_STATUSES) {
      const labels = { ...SHARED, 'nylas.webhook.destination': destination, 'nylas.webhook.status': status };
      await history.gauge('nylas.webhook.destination.status', labels, (time) => {
        const failing = destination === 'production' && during(STORY.destinationFailing, hourOf(time));
        return Number(status === (failing ? 'failing' : 'active'));
      });
    }
  }
  await history.gauge('nylas.webhook.gap.age', { ...SHARED, 'nylas.api.version': 'v3' }, (time) => {
    const hour = hourOf(time);
    return during({ from: STORY.storeDown.from, to: STORY.recovery.to }, hour)
      ? (hour - STORY.storeDown.from) * 3600
      : 0;
  });
  for (const outcome of OUTCOMES) {
    await history.counter('nylas.webhook.recoveries', { ...EXPORTER, 'nylas.outcome': outcome }, (time) => {
      const hour = hourOf(time);
      if (outcome === 'success') return hour > 14.35 && hour < 14.4 ? 0.5 : 0;
      return outcome === 'timeout' && hour > 14.02 && hour < 14.06 ? 0.5 : 0;
    });
  }
  for (const [resource, recovered, lost] of [
    ['messages', 90, 0],
    ['events', 22, 0],
    ['contacts', 3, 0.4],
    ['folders', 1, 0.2],
  ] as const) {
    await history.counter(
      'nylas.webhook.recovered',
      { ...EXPORTER, 'nylas.resource': resource },
      (time) => recovered * within(STORY.recovery, hourOf(time)),
    );
    await history.counter(
      'nylas.webhook.unrecoverable',
      { ...EXPORTER, 'nylas.resource': resource },
      (time) => lost * within(STORY.recovery, hourOf(time)),
    );
  }
}
