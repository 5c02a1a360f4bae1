import { BOARD_UIDS } from '../dashboards/board-uids.ts';
import type { PrometheusGroup } from './prometheus-rules.ts';

const LABELS = { 'app.kubernetes.io/name': 'nylas-otel', 'app.kubernetes.io/component': 'monitoring' };

/** The rules for the Prometheus operator. */
export function prometheusRule(groups: readonly PrometheusGroup[]): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'nylas-otel', labels: LABELS },
    spec: { groups },
  };
}

/** Scrapes services whose label says so: the `/metrics` of a service, and that of the exporter. */
export function serviceMonitor(): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'nylas-otel', labels: LABELS },
    spec: {
      selector: { matchLabels: { 'nylas-otel/metrics': 'true' } },
      // The job label becomes the name of the service, which is what boards and alerts call it.
      jobLabel: 'app.kubernetes.io/name',
      endpoints: [{ port: 'metrics', path: '/metrics', interval: '30s', scrapeTimeout: '10s' }],
    },
  };
}

/** One ConfigMap a board, as the dashboards sidecar of Grafana's Helm chart looks for them. */
export function dashboardConfigMaps(boards: ReadonlyMap<string, string>): object[] {
  return BOARD_UIDS.map((uid) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `${uid}-dashboard`,
      labels: { ...LABELS, grafana_dashboard: '1' },
      annotations: { grafana_folder: 'Nylas' },
    },
    data: { [`${uid}.json`]: compact(boards.get(uid)) },
  }));
}

// Nobody reads it there, and a ConfigMap holds a megabyte at most.
function compact(json = 'null'): string {
  return JSON.stringify(JSON.parse(json));
}
