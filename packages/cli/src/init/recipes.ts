import type { Place, Project } from './detect-project.ts';

/** One thing to do: a command to run, or lines to add at a place. */
export interface Step {
  readonly title: string;
  /** Where: a file and, where it is known, a line of it. */
  readonly where: string;
  /** The exact lines. */
  readonly lines: readonly string[];
  readonly why?: string;
}

const INSTALL = { npm: 'npm install', pnpm: 'pnpm add', yarn: 'yarn add', bun: 'bun add' } as const;

/** The steps that add nylas-otel to a project, in order. */
export function stepsFor(project: Project): Step[] {
  return [...telemetrySteps(project), ...metricsSteps(project), ...webhookSteps(project)];
}

function telemetrySteps(project: Project): Step[] {
  if (project.openTelemetry === '3.x' || project.openTelemetry === '2.x') return ownSdkSteps(project);
  if (project.promClient && project.openTelemetry === 'none') return promClientSteps(project);
  return presetSteps(project);
}

function ownSdkSteps(project: Project): Step[] {
  const { sdkPlace, openTelemetry } = project;
  return [
    install(project, ['@nylas-otel/instrumentation']),
    {
      title: `Hand your instrumentations through withNylas (OpenTelemetry ${openTelemetry})`,
      where: at(sdkPlace, 'the file that makes your NodeSDK'),
      lines: [
        importLine(project, 'withNylas', '@nylas-otel/instrumentation'),
        'instrumentations: withNylas(getNodeAutoInstrumentations()), // around what stands there now',
      ],
      why: 'One span for each Nylas request, with the right parent and nothing personal; other hosts stay as they are.',
    },
  ];
}

function promClientSteps(project: Project): Step[] {
  return [
    install(project, ['@nylas-otel/prom-client', '@opentelemetry/api']),
    {
      title: 'Feed your registry',
      where: at(project.appPlace, project.entry ?? 'the file that starts your service', 'before line'),
      lines: [
        importLine(project, 'collectNylasMetrics', '@nylas-otel/prom-client'),
        importLine(project, 'register', 'prom-client'),
        'collectNylasMetrics({ register });',
      ],
      why: 'The metrics appear in the /metrics that you have.',
    },
  ];
}

function presetSteps(project: Project): Step[] {
  const { startScript, framework, entry, openTelemetry } = project;
  const flag = '--import @nylas-otel/node/register';
  const steps: Step[] = [install(project, ['@nylas-otel/node', '@opentelemetry/api'])];
  if (openTelemetry === '1.x') {
    steps.push({
      title: 'Leave OpenTelemetry 1.x',
      where: 'package.json',
      lines: ['# remove @opentelemetry/sdk-node and its 1.x packages; the preset brings 3.x'],
      why: 'The 1.x line is not supported.',
    });
  }
  if (framework === 'next') {
    steps.push({
      title: 'Start the preset with Next.js',
      where: 'instrumentation.ts (new, beside next.config)',
      lines: [
        'export async function register() {',
        "  if (process.env.NEXT_RUNTIME !== 'nodejs') return;",
        "  const { startNylasTelemetry } = await import('@nylas-otel/node');",
        '  startNylasTelemetry({ esmHook: false });',
        '}',
      ],
      why: 'Next.js bundles your code, so nylas-otel must start from its hook. For operation spans wrap your client with instrumentNylas().',
    });
    return steps;
  }
  const bare = startScript === undefined || !/\bnode\s/.test(startScript.text);
  steps.push({
    title: 'Load it before everything else',
    where:
      startScript === undefined ? 'the command that starts your service' : at(startScript, 'package.json'),
    lines: [
      startScript === undefined
        ? `node ${flag} ${entry ?? 'app.js'}`
        : bare
          ? `"${startScript.name}": "NODE_OPTIONS='${flag}' ${startScript.text}",`
          : `"${startScript.name}": "${startScript.text.replace(/\bnode\s/, `node ${flag} `)}",`,
    ],
    why: 'Spans go to OTEL_EXPORTER_OTLP_ENDPOINT, metrics are served on http://localhost:9464/metrics.',
  });
  return steps;
}

function metricsSteps(project: Project): Step[] {
  if (project.openTelemetry === 'none' || project.promClient || project.framework === 'next') return [];
  const mount = mountLines(project, 'nylasTelemetry', "{ metrics: '/metrics', callers: true }");
  if (mount === undefined || project.openTelemetry !== '3.x') return [];
  return [
    install(project, ['@nylas-otel/node']),
    {
      title: 'Serve /metrics, and see which of your routes burns the quota',
      where: at(project.appPlace, project.entry ?? 'the file that makes your application', 'after line'),
      lines: [importLine(project, middlewareName(project, 'nylasTelemetry'), '@nylas-otel/node'), mount],
      why: 'Hand nylasMetricReader() to the metricReaders of your SDK, so that its metrics are served too.',
    },
  ];
}

function webhookSteps(project: Project): Step[] {
  if (project.nylas === undefined) return [];
  const { framework, parserPlace, appPlace } = project;
  if (framework === 'next') {
    return [
      install(project, ['@nylas-otel/webhooks', '@nylas-otel/store']),
      {
        title: 'Receive webhooks',
        where: 'pages/api/webhooks/nylas.ts (new, beside the App Router)',
        lines: [
          "import { openStore } from '@nylas-otel/store';",
          "import { nylasWebhooks } from '@nylas-otel/webhooks';",
          'export const config = { api: { bodyParser: false, externalResolver: true } };',
          'let opened;',
          'const open = () =>',
          '  (opened ??= openStore({ databaseUrl: process.env.DATABASE_URL }).catch((error) => {',
          '    opened = undefined;',
          '    throw error;',
          '  }));',
          'let webhooks;',
          'export default async function handler(request, response) {',
          '  try {',
          '    const { inbox } = await open();',
          '    webhooks ??= nylasWebhooks({ secret: process.env.NYLAS_WEBHOOK_SECRET, inbox });',
          '  } catch (error) {',
          '    console.error(error);',
          '    return response.status(503).end(); // Nylas sends again; after a 500 it never does.',
          '  }',
          '  webhooks(request, response);',
          '}',
        ],
        why: 'No route handler: `next start` chunks what those answer, and Nylas refuses a chunked challenge.',
      },
    ];
  }
  const mount = webhookMount(project);
  if (mount === undefined) return [];
  const place = parserPlace ?? appPlace;
  return [
    install(project, ['@nylas-otel/webhooks', '@nylas-otel/store']),
    {
      title: parserPlace === undefined ? 'Receive webhooks' : 'Receive webhooks, before bodies are parsed',
      where: at(
        place,
        project.entry ?? 'the file that makes your application',
        parserPlace === undefined ? 'after line' : 'before line',
      ),
      lines: [
        importLine(project, 'openStore', '@nylas-otel/store'),
        importLine(project, mount.name, '@nylas-otel/webhooks'),
        'const store = await openStore({ databaseUrl: process.env.DATABASE_URL });',
        mount.line,
      ],
      ...(framework === 'express' || framework === 'koa'
        ? { why: 'The signature is over the exact bytes, so nothing may parse the body before.' }
        : {}),
    },
  ];
}

const WEBHOOK_OPTIONS = '{ secret: process.env.NYLAS_WEBHOOK_SECRET, inbox: store.inbox }';

function webhookMount({ framework }: Project): { name: string; line: string } | undefined {
  switch (framework) {
    case 'express':
      return {
        name: 'nylasWebhooks',
        line: `app.use('/webhooks/nylas', nylasWebhooks(${WEBHOOK_OPTIONS}));`,
      };
    case 'fastify':
      return {
        name: 'fastifyWebhooks',
        line: `app.register(fastifyWebhooks(${WEBHOOK_OPTIONS}), { prefix: '/webhooks/nylas' });`,
      };
    case 'koa':
      return {
        name: 'koaWebhooks',
        line: `app.use(koaWebhooks(${WEBHOOK_OPTIONS}, { path: '/webhooks/nylas' }));`,
      };
    case 'hono':
      return { name: 'honoWebhooks', line: `app.all('/webhooks/nylas', honoWebhooks(${WEBHOOK_OPTIONS}));` };
    case 'nest':
      return {
        name: 'mountNestWebhooks',
        line: `mountNestWebhooks(app, '/webhooks/nylas', ${WEBHOOK_OPTIONS});`,
      };
    case 'none':
      return { name: 'nylasWebhooks', line: `createServer(nylasWebhooks(${WEBHOOK_OPTIONS})).listen(3000);` };
    default:
      return undefined;
  }
}

function mountLines(project: Project, name: string, options: string): string | undefined {
  switch (project.framework) {
    case 'express':
    case 'nest':
    case 'koa':
    case 'hono':
      return `app.use(${middlewareName(project, name)}(${options}));`;
    case 'fastify':
      return `await app.register(${middlewareName(project, name)}(${options}));`;
    default:
      return undefined;
  }
}

const SUFFIXES: Readonly<Record<string, string>> = { fastify: 'Fastify', koa: 'Koa', hono: 'Hono' };

function middlewareName({ framework }: Project, name: string): string {
  return `${name}${SUFFIXES[framework] ?? ''}`;
}

function install({ packageManager }: Project, names: readonly string[]): Step {
  return { title: 'Install', where: 'your shell', lines: [`${INSTALL[packageManager]} ${names.join(' ')}`] };
}

function importLine({ modules, typescript }: Project, name: string, from: string): string {
  return modules === 'esm' || typescript
    ? `import { ${name} } from '${from}';`
    : `const { ${name} } = require('${from}');`;
}

function at(place: Place | undefined, otherwise: string, relation = 'line'): string {
  return place === undefined ? otherwise : `${place.file}, ${relation} ${place.line}: ${place.text}`;
}
