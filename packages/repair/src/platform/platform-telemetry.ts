import {
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_PLATFORM_COMPONENT,
  ATTR_NYLAS_PLATFORM_IMPACT,
  ATTR_NYLAS_PLATFORM_STATUS,
  EVENT_NYLAS_PLATFORM_INCIDENT,
  METRIC_NYLAS_PLATFORM_COMPONENT_STATUS,
  METRIC_NYLAS_PLATFORM_INCIDENTS,
  PLATFORM_IMPACTS,
  PLATFORM_STATUSES,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, processState, type Report } from '@nylas-otel/telemetry';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SCOPE } from '../version.ts';
import type { IncidentChange } from './incident-changes.ts';
import type { PlatformPage } from './platform-reading.ts';

/** What the gauges show of one watch. */
export interface PlatformSource {
  readonly application: string;
  /** What the page said last; undefined before the first reading. */
  page(): PlatformPage | undefined;
  /** True while the page cannot be read: what it said last is no longer vouched for. */
  stale(): boolean;
}

// Once a process: two watches of one application would report the same series twice.
const sources = processState('platform-gauges', (): Map<string, PlatformSource> => {
  const registry = new Map<string, PlatformSource>();
  const emitter = createEmitter(SCOPE);
  emitter.observe(METRIC_NYLAS_PLATFORM_COMPONENT_STATUS, (report) => {
    for (const source of registry.values()) reportComponents(source, report);
  });
  emitter.observe(METRIC_NYLAS_PLATFORM_INCIDENTS, (report) => {
    for (const source of registry.values()) reportIncidents(source, report);
  });
  return registry;
});

/** Shows a watch on the platform gauges, in place of a former one of the same application; returns what takes it off. */
export function showPlatform(source: PlatformSource): () => void {
  sources.set(source.application, source);
  return () => {
    if (sources.get(source.application) === source) sources.delete(source.application);
  };
}

function reportComponents(source: PlatformSource, report: Report): void {
  const stale = source.stale();
  for (const { name, status } of source.page()?.components ?? []) {
    for (const word of PLATFORM_STATUSES) {
      report(word === (stale ? 'unknown' : status) ? 1 : 0, {
        [ATTR_NYLAS_APPLICATION]: source.application,
        [ATTR_NYLAS_PLATFORM_COMPONENT]: name,
        [ATTR_NYLAS_PLATFORM_STATUS]: word,
      });
    }
  }
}

function reportIncidents(source: PlatformSource, report: Report): void {
  const page = source.page();
  if (page === undefined) return;
  for (const impact of PLATFORM_IMPACTS) {
    report(page.incidents.filter((incident) => incident.impact === impact).length, {
      [ATTR_NYLAS_APPLICATION]: source.application,
      [ATTR_NYLAS_PLATFORM_IMPACT]: impact,
    });
  }
}

const WORDS = {
  began: 'an incident began',
  changed: 'an incident changed its impact',
  ended: 'an incident ended',
};

/** Tells of an incident. Its title is free text and stays out: the page has it. */
export function tellIncident({ change, impact }: IncidentChange, page: string): void {
  createEmitter(SCOPE).event({
    name: EVENT_NYLAS_PLATFORM_INCIDENT,
    severity: change === 'ended' || impact === 'none' ? 'info' : 'warn',
    attributes: { [ATTR_NYLAS_PLATFORM_IMPACT]: impact },
    message: `Nylas status page: ${WORDS[change]} (impact ${impact}), see ${page}`,
    context: ROOT_CONTEXT,
  });
}
