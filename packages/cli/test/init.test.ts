import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { detectProject } from '../src/init/detect-project.ts';
import { stepsFor } from '../src/init/recipes.ts';
import { folder } from './command.ts';

vi.setConfig({ testTimeout: 60_000 });

/** A service as its folder shows it. */
function project(manifest: object, files: Readonly<Record<string, string>> = {}) {
  using place = folder();
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) {
    const path = join(place.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const found = detectProject(place.path);
  if (found === undefined) throw new Error('no project');
  return {
    found,
    lines: stepsFor(found)
      .flatMap(({ lines }) => lines)
      .join('\n'),
  };
}

const SERVICES: readonly (readonly [name: string, framework: string, source: string, line: string])[] = [
  ['express', 'express', 'const app = express();', "app.use('/webhooks/nylas', nylasWebhooks("],
  ['fastify', 'fastify', 'const app = fastify();', 'app.register(fastifyWebhooks('],
  ['koa', 'koa', 'const app = new Koa();', 'app.use(koaWebhooks('],
  ['hono', 'hono', 'const app = new Hono();', "app.all('/webhooks/nylas', honoWebhooks("],
  ['@nestjs/core', 'nest', 'const app = await NestFactory.create(M);', 'mountNestWebhooks(app'],
  ['next', 'next', '', 'bodyParser: false'],
  ['pino', 'none', '', 'createServer(nylasWebhooks('],
];
const LINES = ['none', '1.x', '2.x', '3.x'] as const;
const SDK = { none: undefined, '1.x': '^0.57.0', '2.x': '^0.210.0', '3.x': '^0.301.0' } as const;

describe.each(SERVICES)('init in a service with %s', (name, framework, source, line) => {
  it.each(LINES)('and OpenTelemetry %s prints lines whose names exist', async (openTelemetry) => {
    for (const [type, entry] of [
      ['module', 'app.mjs'],
      ['commonjs', 'app.cjs'],
    ] as const) {
      const sdk = SDK[openTelemetry];
      const { found, lines } = project(
        {
          type,
          main: entry,
          scripts: { start: `node ${entry}` },
          dependencies: {
            [name]: '*',
            nylas: '8.4.0',
            ...(sdk === undefined ? {} : { '@opentelemetry/sdk-node': sdk }),
          },
        },
        { [entry]: `${source}\n` },
      );
      expect(found).toMatchObject({
        framework,
        openTelemetry,
        modules: type === 'module' ? 'esm' : 'commonjs',
      });
      expect(lines).toContain(line);
      await namesExist(lines);
    }
  });
});

describe('init', () => {
  it('finds prom-client, TypeScript and the package manager', async () => {
    const { found, lines } = project(
      {
        dependencies: { express: '5.0.0', nylas: '7.13.1', 'prom-client': '15.1.3' },
        devDependencies: { typescript: '7.0.0' },
      },
      { 'yarn.lock': '', 'src/app.ts': 'const app = express();\n' },
    );
    expect(found).toMatchObject({ promClient: true, typescript: true, packageManager: 'yarn' });
    expect(lines).toContain('yarn add @nylas-otel/prom-client');
    expect(lines).toContain('collectNylasMetrics');
  });
});

/** Every name that the lines take from a package of ours is exported by it. */
async function namesExist(lines: string): Promise<void> {
  const taken = lines.matchAll(
    /\{ ([\w, ]+) \} (?:from|= require\(|= await import\()\(?\s*'(@nylas-otel\/[\w-]+)'/g,
  );
  const pairs = [...taken].flatMap(([, names = '', from = '']) =>
    names.split(', ').map((one) => [one, from] as const),
  );
  expect(pairs.length).toBeGreaterThan(0);
  for (const [one, from] of pairs) {
    const module = (await import(from)) as object;
    expect(Object.keys(module), `${one} of ${from}`).toContain(one);
  }
}
