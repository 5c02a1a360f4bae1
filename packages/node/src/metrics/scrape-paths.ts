import { processState } from '@nylas-otel/telemetry';

const scrapes = processState('scrapes', () => ({
  paths: new Set<string>(),
  ports: new Set<number>(),
}));

/** Says that a middleware serves metrics at this path. */
export function announceScrapePath(path: string): void {
  scrapes.paths.add(path);
}

/** Says that a port of ours serves nothing but metrics; returns what takes it back. */
export function announceScrapePort(port: number): () => void {
  scrapes.ports.add(port);
  return () => scrapes.ports.delete(port);
}

/** True for a scrape of ours: the preset makes no server span of it, a scraper would fill a trace store with them. */
export function isScrape(request: {
  readonly url?: string | undefined;
  readonly socket: { readonly localPort?: number | undefined };
}): boolean {
  const { localPort } = request.socket;
  if (localPort !== undefined && scrapes.ports.has(localPort)) return true;
  return scrapes.paths.size > 0 && scrapes.paths.has(pathOf(request.url));
}

/** The path of a request target, without its query. */
export function pathOf(url: string | undefined): string {
  if (url === undefined) return '/';
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
