import { nylasTelemetry } from '@nylas-otel/node'; // + nylas-otel
import express, { type Express } from 'express';
import { answerFailure } from './errors.ts';
import { countRequests, serveMetrics } from './metrics.ts';
import { legacy } from './routes/legacy.ts';
import { mailboxes } from './routes/mailboxes.ts';
import { scheduling } from './routes/scheduling.ts';

/** The service: reads and sends mail and looks into calendars for a product's front end. */
export function createApp(): Express {
  const app = express();
  app.get('/metrics', serveMetrics);
  app.use(nylasTelemetry({ metrics: '/metrics/nylas', callers: true })); // + nylas-otel
  app.use(countRequests);
  app.use(express.json());
  app.use('/mailboxes', mailboxes);
  app.use('/scheduling', scheduling);
  app.use('/legacy', legacy);
  app.use(answerFailure);
  return app;
}
