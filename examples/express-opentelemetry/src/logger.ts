import { pino } from 'pino';

/** The log of the service, JSON lines on standard output. */
export const logger = pino({ name: 'mail-service' });
