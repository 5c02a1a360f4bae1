import type { RequestHandler } from 'express';
import { Counter, collectDefaultMetrics, Histogram, register } from 'prom-client';

collectDefaultMetrics();

const requests = new Counter({
  name: 'mail_service_requests_total',
  help: 'Requests answered.',
  labelNames: ['status'],
});
const duration = new Histogram({
  name: 'mail_service_request_duration_seconds',
  help: 'Time from a request to its answer.',
});

/** Counts and times every request. */
export const countRequests: RequestHandler = (_request, response, next) => {
  const stop = duration.startTimer();
  response.once('finish', () => {
    stop();
    requests.inc({ status: response.statusCode });
  });
  next();
};

/** `GET /metrics`: the service's own metrics. */
export const serveMetrics: RequestHandler = async (_request, response) => {
  response.type(register.contentType).send(await register.metrics());
};
