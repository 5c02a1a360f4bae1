import { startNylasInstrumentation } from '@nylas-otel/instrumentation'; // + nylas-otel
import { createLogger, format, transports } from 'winston';
import { hosts, readMailbox } from './read-mailbox.ts';

const logger = createLogger({ format: format.json(), transports: [new transports.Console()] });
startNylasInstrumentation({ logger, hosts }); // + nylas-otel

try {
  const messages = await readMailbox();
  logger.info('mailbox read', { messages });
} catch {
  logger.error('mailbox could not be read');
}
