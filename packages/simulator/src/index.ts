export type { ClockOptions, SimulatorClock } from './clock/clock.ts';
export {
  type ActiveFault,
  FAULT_NAMES,
  type FaultControl,
  type FaultName,
  type FaultOptions,
  type FaultRule,
} from './faults/fault-rule.ts';
export type { RequestLog, RequestRecord } from './http/request-log.ts';
export { Accounts } from './lifecycle/accounts.ts';
export { type ExpiryOptions, Grants } from './lifecycle/grants.ts';
export type { RepairOutcome, RepairPlan } from './lifecycle/repair-plan.ts';
export type { Notice, NoticeLog, NoticeSubject } from './notices/notice.ts';
export {
  DOCUMENTED_LIMITS,
  type Latency,
  type LimitOptions,
  type ObjectCounts,
  type SimulatorOptions,
} from './options.ts';
export type { SentMessage } from './sent-log.ts';
export { type Simulator, startSimulator } from './simulator.ts';
export { SimulatorError, type SimulatorErrorCode } from './simulator-error.ts';
export type { StatusControl } from './status-page/status-control.ts';
export type {
  ComponentStatus,
  Impact,
  Incident,
  IncidentStatus,
  IncidentUpdate,
  MaintenanceStatus,
  StatusComponent,
} from './status-page/status-model.ts';
export type {
  ComponentStates,
  IncidentNews,
  IncidentOptions,
  MaintenanceOptions,
} from './status-page/status-page.ts';
export {
  type Account,
  type AccountCounts,
  type AccountProvider,
  type AccountSeed,
  AccountStore,
  type BillingState,
  type SyncState,
} from './stores/account-store.ts';
export {
  type Grant,
  type GrantCounts,
  type GrantFilter,
  type GrantProvider,
  type GrantSeed,
  type GrantStatus,
  GrantStore,
} from './stores/grant-store.ts';
export type { Change, ChangeClass, ChangeFilter, ChangeName, ObjectName } from './traffic/change-log.ts';
export type { ObjectFields, TrafficControl } from './traffic/traffic.ts';
export type { TrafficOptions, TrafficRun } from './traffic/traffic-run.ts';
export type { Delivery, DeliveryFilter, LossReason } from './webhooks/delivery-log.ts';
export type { Destination, DestinationFields, DestinationStatus } from './webhooks/destination.ts';
export type { SendOptions } from './webhooks/made-up-notices.ts';
export type { WebhookDeliveryOptions } from './webhooks/webhook-settings.ts';
export type {
  DestinationMail,
  OutageOptions,
  SubscribeOptions,
  WebhookControl,
} from './webhooks/webhooks.ts';
