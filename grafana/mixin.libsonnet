// Generated from grafana/src by `npm run grafana`; edit there.
{
  grafanaDashboards+:: {
    'nylas-overview.json': import 'dashboards/nylas-overview.json',
    'nylas-requests.json': import 'dashboards/nylas-requests.json',
    'nylas-accounts.json': import 'dashboards/nylas-accounts.json',
    'nylas-webhooks.json': import 'dashboards/nylas-webhooks.json',
    'nylas-limits.json': import 'dashboards/nylas-limits.json',
    'nylas-platform.json': import 'dashboards/nylas-platform.json',
    'nylas-slo.json': import 'dashboards/nylas-slo.json',
    'nylas-telemetry.json': import 'dashboards/nylas-telemetry.json',
  },
  prometheusAlerts+:: std.parseYaml(importstr 'alerts/nylas-otel.alerts.yaml'),
  prometheusRules+:: std.parseYaml(importstr 'alerts/nylas-otel.recording.yaml'),
}
