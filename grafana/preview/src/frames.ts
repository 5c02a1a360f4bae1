import {
  type DataFrame,
  type DynamicConfigValue,
  type Field,
  FieldColorModeId,
  type FieldConfig,
  FieldType,
  type GrafanaTheme2,
  getDisplayProcessor,
  toDataFrame,
} from '@grafana/data';
import type { Organize, Panel } from './board.ts';
import type { Series } from './queries.ts';

/** One frame for each series, as Grafana's Prometheus data source makes them. */
export function seriesFrames(panel: Panel, answers: readonly Series[][], theme: GrafanaTheme2): DataFrame[] {
  return answers.flat().map(({ times, values, legend: format }, index) => {
    // Without a format, as of a number alone, the panel's title names it.
    const legend = format || panel.title;
    const frame = toDataFrame({
      fields: [
        { name: 'Time', type: FieldType.time, values: [...times], config: {} },
        { name: 'Value', type: FieldType.number, values: [...values], config: {} },
      ],
    });
    for (const field of frame.fields) {
      field.state = { seriesIndex: index };
      configure(panel, field, legend, theme);
      if (field.type === FieldType.number) field.config.displayNameFromDS = legend;
    }
    frame.refId = legend;
    return frame;
  });
}

/** The instant answers of a table as one frame: rows are joined by their labels, columns named and ordered. */
export function tableFrame(panel: Panel, answers: readonly Series[][], theme: GrafanaTheme2): DataFrame {
  const organize: Organize = panel.transformations?.find(({ id }) => id === 'organize')?.options ?? {};
  const rows = new Map<string, Record<string, unknown>>();
  answers.forEach((series, i) => {
    const column = answers.length === 1 ? 'Value' : `Value #${String.fromCharCode(65 + i)}`;
    for (const { labels, values } of series) {
      const { __name__: _, ...own } = labels;
      const key = JSON.stringify(Object.entries(own).sort());
      rows.set(key, { ...rows.get(key), ...own, [column]: values[0] });
    }
  });
  const columns = Object.entries(organize.indexByName ?? {}).sort(([, a], [, b]) => a - b);
  const frame = toDataFrame({
    fields: columns.map(([source]) => ({
      name: organize.renameByName?.[source] ?? source,
      type: source.startsWith('Value') ? FieldType.number : FieldType.string,
      values: [...rows.values()].map((row) => row[source] ?? null),
      config: {},
    })),
  });
  for (const field of frame.fields) {
    field.state = { displayName: field.name };
    configure(panel, field, field.name, theme);
  }
  return frame;
}

function configure(panel: Panel, field: Field, name: string, theme: GrafanaTheme2): void {
  const defaults = structuredClone(panel.fieldConfig?.defaults ?? {}) as FieldConfig;
  const config: FieldConfig = {
    color: {
      mode:
        panel.type === 'stat' || panel.type === 'table'
          ? FieldColorModeId.Thresholds
          : FieldColorModeId.PaletteClassic,
    },
    ...defaults,
    custom: { axisPlacement: 'auto', scaleDistribution: { type: 'linear' }, ...defaults.custom },
  };
  if (field.type === FieldType.time || field.type === FieldType.string) delete config.unit;
  for (const { matcher, properties } of panel.fieldConfig?.overrides ?? []) {
    if (matcher.id !== 'byName' || matcher.options !== name) continue;
    for (const property of properties) apply(config, property);
  }
  const [first] = config.thresholds?.steps ?? [];
  if (first) first.value = Number.NEGATIVE_INFINITY;
  field.config = config;
  field.display = getDisplayProcessor({ field, theme });
}

function apply(config: FieldConfig, { id, value }: Pick<DynamicConfigValue, 'id' | 'value'>): void {
  if (id.startsWith('custom.')) config.custom = { ...config.custom, [id.slice('custom.'.length)]: value };
  // A link needs Grafana behind it.
  else if (id !== 'links') Object.assign(config, { [id]: structuredClone(value) });
}
