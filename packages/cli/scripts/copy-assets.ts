import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../src/options/config-schema.ts';

const dist = new URL('../dist/', import.meta.url);
const grafana = new URL('../../../grafana/', import.meta.url);

/** Puts beside the code what is published with it: the schema of the configuration, dashboards and rules. */
export function copyAssets(): void {
  writeFileSync(new URL('config.schema.json', dist), `${JSON.stringify(configSchema(), undefined, 2)}\n`);
  for (const folder of ['dashboards', 'alerts', 'kubernetes', 'provisioning/alerting']) {
    const source = fileURLToPath(new URL(folder, grafana));
    if (existsSync(source))
      cpSync(source, fileURLToPath(new URL(`grafana/${folder}`, dist)), { recursive: true });
  }
}
