import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NylasOtelError } from './errors.ts';

/** Files that are published with the command: dashboards and rules, made from the sources in `grafana/`. */
export interface Asset {
  readonly name: string;
  readonly text: string;
}

/** Folders there are. */
export type AssetFolder = 'dashboards' | 'alerts' | 'kubernetes' | 'provisioning/alerting';

// Beside the built code; while developing, the folder that they are copied from.
const PLACES = ['./grafana/', '../../../grafana/'].map((place) => new URL(place, import.meta.url));

/**
 * The files of a folder, by name. With `unsuffixed`, those for the stock exporter of OpenTelemetry JS, which gives metrics
 * no unit suffixes.
 *
 * @throws NylasOtelError when this is a broken installation
 */
export function assets(folder: AssetFolder, unsuffixed = false): Asset[] {
  const found = PLACES.map((place) =>
    fileURLToPath(new URL(`${folder}/${unsuffixed ? 'unsuffixed/' : ''}`, place)),
  );
  const path = found.find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new NylasOtelError(
      'bug',
      `The files of ${folder} are not in this installation.`,
      'Install @nylas-otel/cli again.',
    );
  }
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ name, text: readFileSync(`${path}/${name}`, 'utf8') }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
