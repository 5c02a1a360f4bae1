import { PLATFORM_IMPACTS, PLATFORM_STATUSES, TELEMETRY_COMPONENTS } from '@nylas-otel/semantic-conventions';
import { hourOf } from '../clock.ts';
import type { History } from '../history.ts';
import { during, STORY, within } from '../story.ts';
import { EXPORTER, SERVICES, SHARED } from './instances.ts';

const COMPONENTS = ['API (US)', 'API (EU)', 'Webhooks', 'Dashboard', 'Hosted authentication', 'Scheduler'];

function statusOf(component: string, hour: number): string {
  if (component === 'Dashboard' && hour >= 1 && hour < 3) return 'under_maintenance';
  if (!during(STORY.statusPage, hour)) return 'operational';
  if (component === 'API (US)') return hour < 10 ? 'major_outage' : 'partial_outage';
  return component === 'Webhooks' ? 'degraded_performance' : 'operational';
}

/** What Nylas says of itself, and how we are ourselves. */
export async function platformSignals(history: History): Promise<void> {
  for (const component of COMPONENTS) {
    for (const status of PLATFORM_STATUSES) {
      await history.gauge(
        'nylas.platform.component.status',
        { ...SHARED, 'nylas.platform.component': component, 'nylas.platform.status': status },
        (time) => Number(statusOf(component, hourOf(time)) === status),
      );
    }
  }
  for (const impact of PLATFORM_IMPACTS) {
    await history.gauge('nylas.platform.incidents', { ...SHARED, 'nylas.platform.impact': impact }, (time) =>
      Number(impact === 'major' && during(STORY.statusPage, hourOf(time))),
    );
  }
  for (const target of [...SERVICES, EXPORTER]) {
    for (const component of TELEMETRY_COMPONENTS) {
      await history.counter(
        'nylas.telemetry.errors',
        { ...target, 'nylas.telemetry.component': component },
        (time) => (component === 'hook' && target === SERVICES[0] ? within(STORY.hook, hourOf(time)) : 0),
      );
    }
    await history.foreign('scrape_duration_seconds', target, (time) => 0.012 + 0.004 * Math.sin(time / 900));
    await history.foreign('up', target, () => 1);
    for (const version of ['4.11.3', '4.12.0']) {
      const deployed = version === '4.12.0';
      await history.foreign(
        'target_info',
        {
          ...target,
          service_name: target.job,
          service_version: target === EXPORTER ? '0.1.0' : version,
          telemetry_sdk_language: 'nodejs',
          telemetry_sdk_version: '3.1.1',
        },
        (time) =>
          target === EXPORTER
            ? deployed
              ? 1
              : undefined
            : hourOf(time) >= STORY.deploy.from === deployed
              ? 1
              : undefined,
      );
    }
  }
}
