import type { CommandDefinition } from './command.ts';
import { ACCOUNT_COMMANDS } from './tables/accounts.ts';
import { CONFIG_COMMANDS } from './tables/config.ts';
import { FIRST_COMMANDS } from './tables/first.ts';
import { GRAFANA_COMMANDS } from './tables/grafana.ts';
import { NIGHT_COMMANDS } from './tables/night.ts';
import { WEBHOOK_COMMANDS } from './tables/webhooks.ts';

/** What groups of commands are for. */
export const GROUPS: Readonly<Record<string, string>> = {
  accounts: 'Look at accounts, and bring them back',
  webhooks: 'Look at webhooks: destinations, dead letters, signatures',
  dashboards: 'Grafana dashboards',
  alerts: 'Alert rules',
  config: 'Look at the configuration',
};

/** Every command, in the order help shows them. */
export const COMMANDS: readonly CommandDefinition[] = [
  ...FIRST_COMMANDS,
  ...NIGHT_COMMANDS,
  ...ACCOUNT_COMMANDS,
  ...WEBHOOK_COMMANDS,
  ...GRAFANA_COMMANDS,
  ...CONFIG_COMMANDS,
];
