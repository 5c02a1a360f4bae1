import { BOARD_UIDS } from '../dashboards/board-uids.ts';

/** For those who build with jsonnet: what is generated, under the names of the mixin convention. */
export function mixin(): string {
  const boards = BOARD_UIDS.map((uid) => `    '${uid}.json': import 'dashboards/${uid}.json',`);
  return `// Generated from grafana/src by \`npm run grafana\`; edit there.
{
  grafanaDashboards+:: {
${boards.join('\n')}
  },
  prometheusAlerts+:: std.parseYaml(importstr 'alerts/nylas-otel.alerts.yaml'),
  prometheusRules+:: std.parseYaml(importstr 'alerts/nylas-otel.recording.yaml'),
}
`;
}
