import type { Settings } from '../options/settings.ts';

/** The origin of the exporter of these settings, as this machine reaches it; undefined where it serves no port. */
export function exporterOrigin(settings: Settings): string | undefined {
  const port = settings['metrics.port'];
  if (port === false || port === 0) return undefined;
  const host = settings['metrics.host'];
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** The header that a scrape with these settings presents. */
export function scrapeHeaders(settings: Settings): Record<string, string> {
  const token = settings['metrics.token'];
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  const basic = settings['metrics.basic_auth'];
  return basic === undefined ? {} : { authorization: `Basic ${Buffer.from(basic).toString('base64')}` };
}
