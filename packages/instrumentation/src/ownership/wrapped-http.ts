import http from 'node:http';

/** True when an instrumentation (OpenTelemetry's, Sentry's, dd-trace's) has wrapped `http.request`. */
export function httpRequestIsWrapped(): boolean {
  const request = http.request as { __wrapped?: unknown; __unwrap?: unknown };
  return request.__wrapped === true || typeof request.__unwrap === 'function';
}
