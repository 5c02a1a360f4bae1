import type { Check } from './check.ts';
import { accounts } from './checks/accounts.ts';
import { application } from './checks/application.ts';
import { backlog } from './checks/backlog.ts';
import { clockSkew } from './checks/clock-skew.ts';
import { configuration } from './checks/configuration.ts';
import { credentials } from './checks/credentials.ts';
import { destinations } from './checks/destinations.ts';
import { metrics } from './checks/metrics.ts';
import { nodeVersion } from './checks/node-version.ts';
import { openTelemetryVersion } from './checks/opentelemetry-version.ts';
import { otlp } from './checks/otlp.ts';
import { platform } from './checks/platform.ts';
import { prometheus } from './checks/prometheus.ts';
import { region } from './checks/region.ts';
import { sdkVersion } from './checks/sdk-version.ts';
import { store } from './checks/store.ts';
import { webhookBodyLimit } from './checks/webhook-body-limit.ts';
import { webhookChallenge } from './checks/webhook-challenge.ts';
import { webhookGzip } from './checks/webhook-gzip.ts';
import { webhookSignature } from './checks/webhook-signature.ts';

/** Every check, in the order it is shown: what others stand on comes first. */
export const CHECKS: readonly Check[] = [
  nodeVersion,
  configuration,
  credentials,
  region,
  clockSkew,
  application,
  platform,
  accounts,
  destinations,
  webhookChallenge,
  webhookSignature,
  webhookBodyLimit,
  webhookGzip,
  store,
  backlog,
  metrics,
  prometheus,
  otlp,
  sdkVersion,
  openTelemetryVersion,
];
