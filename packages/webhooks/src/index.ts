export {
  type FastifyHook,
  type FastifyLike,
  type FastifyReplyLike,
  type FastifyWebhooks,
  fastifyWebhooks,
} from './adapters/fastify.ts';
export { type FetchWebhooks, fetchWebhooks } from './adapters/fetch.ts';
export { type HonoContextLike, type HonoWebhooks, honoWebhooks } from './adapters/hono.ts';
export { type KoaContextLike, type KoaWebhooks, koaWebhooks } from './adapters/koa.ts';
export {
  type LambdaEventLike,
  type LambdaResult,
  type LambdaWebhooks,
  lambdaWebhooks,
} from './adapters/lambda.ts';
export { mountNestWebhooks, type NestApplicationLike } from './adapters/nest.ts';
export { type LaterWebhookOptions, type NextWebhooks, nextWebhooks } from './adapters/next.ts';
export { type NodeWebhooks, nylasWebhooks } from './adapters/node-http.ts';
export { accountNews, type WebhookAccountNews } from './envelope/account-news.ts';
export {
  HISTORY,
  lastToldStates,
  type ObjectChange,
  type ObjectTraces,
  objectKey,
  objectTraces,
  RECOVERED,
  recoveredInRun,
  type StateTrace,
  TOLD,
  toldStates,
  toldStatesOf,
  toldUpdatesOf,
} from './envelope/object-keys.ts';
export { contentMark } from './envelope/object-name.ts';
export { parseEnvelope, readEnvelope } from './envelope/parse-envelope.ts';
export {
  afterReading,
  afterTelling,
  isTold,
  isToldByOthers,
  type RecoveryRead,
  recoveryRead,
  type Telling,
  type ToldBefore,
  type ToldHistory,
  type ToldState,
} from './envelope/told-state.ts';
export type { Envelope, EnvelopeFault, JsonObject, WebhookEvent } from './envelope/webhook-event.ts';
export { NylasWebhookError, type NylasWebhookErrorCode } from './errors.ts';
export type { BacklogCounts, BacklogSource } from './inbox/backlog.ts';
export { showBacklog } from './inbox/backlog.ts';
export {
  createEventProcessor,
  type EventProcessor,
  type EventProcessorOptions,
  type HandlerCall,
  type WebhookHandler,
  type WebhookHandlers,
} from './inbox/event-processor.ts';
export type { Inbox, InboxCall, QuarantinedDelivery, ReceivedEvent } from './inbox/inbox.ts';
export {
  type DeadLetter,
  type MemoryInbox,
  type MemoryInboxOptions,
  memoryInbox,
} from './inbox/memory-inbox.ts';
export type { BodyLimits, WebhookRequest, WebhookResponse } from './receiver/exchange.ts';
export { noteDowntime } from './receiver/liveness.ts';
export type { NamedSecret, WebhookOptions } from './receiver/options.ts';
export {
  createWebhookReceiver,
  type WebhookReceiver,
  type WebhookReceiverStats,
} from './receiver/receiver.ts';
export type { EventVerdict, RejectionReason } from './receiver/status-policy.ts';
export { signWebhook } from './signature/sign-webhook.ts';
export {
  type MockDelta,
  type MockNotification,
  type MockNotificationOptions,
  mockDelta,
  mockNotification,
} from './testing/mock-notification.ts';
export { truncateNotification } from './testing/truncate-notification.ts';
export {
  type SentDelivery,
  type WebhookSender,
  type WebhookSenderOptions,
  webhookSender,
} from './testing/webhook-sender.ts';
