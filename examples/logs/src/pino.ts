import { startNylasInstrumentation } from '@nylas-otel/instrumentation'; // + nylas-otel
import { pino } from 'pino';
import { hosts, readMailbox } from './read-mailbox.ts';

const logger = pino({ name: 'mail-job' });
startNylasInstrumentation({ logger, hosts }); // + nylas-otel

try {
  const messages = await readMailbox();
  logger.info({ messages }, 'mailbox read');
} catch {
  logger.error('mailbox could not be read');
}
