// Serves the built preview: the page, the boards, what Grafana's components fetch, and a way to Prometheus.

import { once } from 'node:events';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const HERE = import.meta.dirname;
const MODULES = join(HERE, 'node_modules');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Paths that Grafana's components ask for, and where the packages keep them. */
const PLACES: readonly (readonly [prefix: string, folder: string])[] = [
  ['/boards/', join(HERE, '../dashboards')],
  ['/build/img/', join(MODULES, '@grafana/ui/dist/public/img')],
  ['/public/build/img/', join(MODULES, '@grafana/ui/dist/public/img')],
  ['/', join(HERE, 'dist')],
];

/** Answers on 127.0.0.1 until the server is closed. */
export async function servePreview(
  prometheus: string,
  port: number,
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    void answer(request, response, prometheus).catch((error: unknown) => {
      response.writeHead(502).end(String(error));
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return { url: `http://127.0.0.1:${address.port}`, server };
}

async function answer(request: IncomingMessage, response: ServerResponse, prometheus: string): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://preview');
  if (/^\/api\/v1\/query(_range)?$/.test(pathname)) return ask(request, response, `${prometheus}${pathname}`);
  const file = fileOf(decodeURIComponent(pathname));
  if (!file) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
}

async function ask(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
  const body = await new Response(request as unknown as ReadableStream).text();
  const answered = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  response.writeHead(answered.status, { 'content-type': 'application/json' });
  response.end(await answered.text());
}

function fileOf(path: string): string | undefined {
  const font = fontOf(path);
  if (font) return font;
  for (const [prefix, folder] of PLACES) {
    if (!path.startsWith(prefix)) continue;
    const file = normalize(join(folder, path === '/' ? 'index.html' : path.slice(prefix.length)));
    if (file.startsWith(folder) && existsSync(file) && statSync(file).isFile()) return file;
  }
  // One icon that Grafana's components ask for is not in their package.
  return path.endsWith('.svg')
    ? join(MODULES, '@grafana/ui/dist/public/img/icons/unicons/circle.svg')
    : undefined;
}

/** `/fonts/inter/Inter-Regular.woff2` and its like. */
function fontOf(path: string): string | undefined {
  const [, family, name = ''] = /fonts\/(inter|roboto)\/(.+)\.woff2$/.exec(path) ?? [];
  if (!family) return undefined;
  const weight = /Medium/.test(name) ? 500 : /(Semi)?Bold/.test(name) ? 600 : 400;
  return family === 'inter'
    ? join(MODULES, `@fontsource/inter/files/inter-latin-${weight}-normal.woff2`)
    : join(MODULES, `@fontsource/roboto-mono/files/roboto-mono-latin-${Math.min(weight, 500)}-normal.woff2`);
}
