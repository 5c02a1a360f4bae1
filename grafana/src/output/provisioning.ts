/** Where Grafana finds Prometheus, Loki and Tempo; the uids are those that alerts and links use. */
export function datasources(): object {
  return {
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        type: 'prometheus',
        uid: 'prometheus',
        access: 'proxy',
        url: 'http://prometheus:9090',
        isDefault: true,
        jsonData: {
          timeInterval: '30s',
          httpMethod: 'POST',
          exemplarTraceIdDestinations: [{ name: 'trace_id', datasourceUid: 'tempo' }],
        },
      },
      {
        name: 'Loki',
        type: 'loki',
        uid: 'loki',
        access: 'proxy',
        url: 'http://loki:3100',
        jsonData: {
          derivedFields: [
            {
              name: 'trace',
              matcherType: 'label',
              matcherRegex: 'trace_id',
              // A single dollar would be taken for an environment variable.
              url: '$${__value.raw}',
              datasourceUid: 'tempo',
            },
          ],
        },
      },
      {
        name: 'Tempo',
        type: 'tempo',
        uid: 'tempo',
        access: 'proxy',
        url: 'http://tempo:3200',
        jsonData: {
          tracesToLogsV2: { datasourceUid: 'loki', filterByTraceID: true },
          serviceMap: { datasourceUid: 'prometheus' },
        },
      },
    ],
  };
}

/** Boards from a folder; mount `grafana/dashboards` there. */
export function dashboardProvider(): object {
  return {
    apiVersion: 1,
    providers: [
      {
        name: 'nylas-otel',
        orgId: 1,
        folder: 'Nylas',
        type: 'file',
        disableDeletion: false,
        allowUiUpdates: false,
        updateIntervalSeconds: 60,
        options: { path: '/var/lib/grafana/dashboards/nylas-otel' },
      },
    ],
  };
}

/** An example: loaded as it is it would replace all notification policies of the organisation. */
export function notificationPoliciesExample(): object {
  return {
    apiVersion: 1,
    contactPoints: [
      {
        orgId: 1,
        name: 'nylas-pager',
        receivers: [
          {
            uid: 'nylas-pager',
            type: 'webhook',
            settings: { url: 'http://alert-receiver.example:8080/pager' },
          },
        ],
      },
    ],
    policies: [
      {
        orgId: 1,
        receiver: 'grafana-default-email',
        group_by: ['alertname'],
        routes: [
          {
            receiver: 'nylas-pager',
            object_matchers: [
              ['component', '=~', 'nylas-.+'],
              ['severity', '=', 'critical'],
            ],
          },
        ],
      },
    ],
  };
}
