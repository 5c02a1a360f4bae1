import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { satisfies } from 'semver';
import type { Advisory } from './advisories.ts';

/** A registry on loopback that answers nothing but questions about advisories. */
export interface AdvisoryRegistry {
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  readonly close: () => Promise<void>;
}

const BULK = '/-/npm/v1/security/advisories/bulk';

/**
 * Starts it. As npm's own, it takes names with their versions and answers by name with what is known of any of these.
 *
 * @param known The advisories it has, or the status it refuses every question with.
 */
export async function startAdvisoryRegistry(known: readonly Advisory[] | number): Promise<AdvisoryRegistry> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (typeof known === 'number') return response.writeHead(known).end();
    if (request.method !== 'POST' || request.url !== BULK) return response.writeHead(404).end();
    const versions = JSON.parse(await text(request)) as Record<string, readonly string[]>;
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(bulkAnswer(versions, known)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bulkAnswer(
  versions: Readonly<Record<string, readonly string[]>>,
  known: readonly Advisory[],
): Record<string, unknown[]> {
  const answer: Record<string, unknown[]> = {};
  for (const [id, advisory] of known.entries()) {
    const { package: name, vulnerable, severity, source } = advisory;
    if (!versions[name]?.some((version) => satisfies(version, vulnerable))) continue;
    answer[name] ??= [];
    answer[name].push({
      id,
      url: source,
      title: advisory.id,
      severity,
      vulnerable_versions: vulnerable,
      cwe: [],
      cvss: { score: 0, vectorString: null },
    });
  }
  return answer;
}
