export const EVENT_NYLAS_CLIENT_ERROR = 'nylas.client.error';
export const EVENT_NYLAS_ACCOUNT_TRANSITION = 'nylas.account.transition';
export const EVENT_NYLAS_REPAIR_ACTION = 'nylas.repair.action';
export const EVENT_NYLAS_REPAIR_PAUSED = 'nylas.repair.paused';
export const EVENT_NYLAS_WEBHOOK_REJECTED = 'nylas.webhook.rejected';
export const EVENT_NYLAS_WEBHOOK_DEAD = 'nylas.webhook.dead';
export const EVENT_NYLAS_PLATFORM_INCIDENT = 'nylas.platform.incident';
