import type { RulesConfig } from '../config.ts';
import { SeriesWriter } from '../promql/series.ts';
import { accountsGroup } from './accounts.ts';
import { missedWebhooksGroup } from './missed-webhooks.ts';
import { platformGroup } from './platform.ts';
import { repairGroup } from './repair.ts';
import { requestsGroup } from './requests.ts';
import type { AlertRule, RuleGroup } from './rule.ts';
import { sloGroup } from './slo.ts';
import { telemetryGroup } from './telemetry.ts';
import { webhooksGroup } from './webhooks.ts';

/** All rules, by group. */
export function ruleGroups(config: RulesConfig): RuleGroup[] {
  const series = new SeriesWriter(config.naming, config.selectors);
  return [
    sloGroup,
    requestsGroup,
    accountsGroup,
    repairGroup,
    webhooksGroup,
    missedWebhooksGroup,
    platformGroup,
    telemetryGroup,
  ].map((group) => group(config, series));
}

/** All alerts, in the order of their groups. */
export function alertsOf(groups: readonly RuleGroup[]): AlertRule[] {
  return groups.flatMap(({ alerts }) => alerts);
}
