import type { DataLink } from './panel-spec.ts';

/** Explore with one query; Grafana puts in what stands in `${}`. */
function explore(title: string, datasource: string, type: string, query: object): DataLink {
  const pane = {
    datasource,
    queries: [{ refId: 'A', datasource: { type, uid: datasource }, ...query }],
    range: { from: '${__from}', to: '${__to}' },
  };
  return { title, url: `/explore?schemaVersion=1&panes=${encoded({ nylas: pane })}` };
}

// Everything is encoded but Grafana's variables, which it would not find else.
function encoded(panes: object): string {
  return encodeURIComponent(JSON.stringify(panes)).replace(/%24%7B(.*?)%7D/g, (_, variable) => {
    return `\${${decodeURIComponent(variable)}}`;
  });
}

const ROUTE = '${__data.fields.Route}';

/** Failed calls of the route of a row. */
export const LOGS_OF_ROUTE: DataLink = explore('Failed calls (Loki)', '${loki_datasource}', 'loki', {
  expr: `{service_name=~".+"} | event_name="nylas.client.error" | url_template="${ROUTE}"`,
  queryType: 'range',
});

/** Traces of the route of a row. */
export const TRACES_OF_ROUTE: DataLink = explore('Traces (Tempo)', '${tempo_datasource}', 'tempo', {
  query: `{ span.url.template = "${ROUTE}" && kind = client }`,
  queryType: 'traceql',
  limit: 20,
});
