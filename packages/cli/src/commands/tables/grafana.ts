import type { CommandDefinition } from '../command.ts';

const UNSUFFIXED = {
  flag: '--unsuffixed',
  description: 'for metrics of the stock exporter of OpenTelemetry JS, which have no unit suffixes',
} as const;

/** `nylas-otel dashboards ...` and `nylas-otel alerts ...`. */
export const GRAFANA_COMMANDS: readonly CommandDefinition[] = [
  {
    path: ['dashboards', 'export'],
    summary: 'Write the Grafana dashboards to a folder',
    arguments: [{ name: 'folder', description: 'default dashboards', optional: true }],
    options: [],
    flags: [UNSUFFIXED],
    examples: [
      { line: 'nylas-otel dashboards export /var/lib/grafana/dashboards', what: 'for file provisioning' },
    ],
    exits: [],
    load: () => import('../dashboards-export.ts'),
  },
  {
    path: ['dashboards', 'install'],
    summary: "Install the dashboards through Grafana's HTTP API",
    description: 'Needs the token of a service account with the role Editor. Run it again to update them.',
    options: ['grafana.*'],
    flags: [{ flag: '--folder <title>', description: 'folder in Grafana (default Nylas)' }, UNSUFFIXED],
    examples: [
      {
        line: 'GRAFANA_URL=https://grafana.example.com GRAFANA_TOKEN_FILE=token nylas-otel dashboards install',
        what: 'prints the address of each dashboard',
      },
    ],
    exits: ['refused', 'unreachable'],
    load: () => import('../dashboards-install.ts'),
  },
  {
    path: ['alerts', 'export'],
    summary: 'Write alert and recording rules for Prometheus, the Prometheus operator or Grafana',
    options: [],
    flags: [
      { flag: '--format <name>', description: 'prometheus, prometheus-rule or grafana (default prometheus)' },
      { flag: '--to <folder>', description: 'where to (default standard output)' },
      UNSUFFIXED,
    ],
    examples: [
      { line: 'nylas-otel alerts export --to /etc/prometheus/rules', what: 'rule_files of Prometheus' },
      {
        line: 'nylas-otel alerts export --format prometheus-rule | kubectl apply -f -',
        what: 'for the operator',
      },
    ],
    exits: [],
    load: () => import('../alerts-export.ts'),
  },
];
