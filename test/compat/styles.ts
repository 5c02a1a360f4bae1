import {
  type NodeVersion,
  type OpenTelemetryLine,
  SDKS,
  type SdkVersion,
  speaksV2,
  TOOLS,
  type ToolName,
} from './axes.ts';
import type { Application, Workshop } from './workshop.ts';

/** A way in which users start, compile or test an application. */
export interface Style {
  readonly name: string;
  /** Why there is no such application; undefined where there is one. */
  excluded?(node: NodeVersion, line: OpenTelemetryLine, sdk: SdkVersion): string | undefined;
  /** Installed beside the application's own packages. */
  readonly packages?: Readonly<Record<string, string>>;
  /** The folder of `fixtures` that lies over the application, beside `app`. */
  readonly fixture?: string;
  /** Tools that must be installed for it. */
  readonly tools?: readonly ToolName[];
  /** Compiles, once for each application. */
  prepare?(application: Application, workshop: Workshop): Promise<void>;
  /** Arguments of `node`, in the application's folder. */
  arguments(workshop: Workshop): readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** False where the style has no spans to show, only `/metrics`. */
  readonly showsSpans?: false;
}

const tsc =
  (settings: readonly string[], file: string) => async (application: Application, workshop: Workshop) =>
    workshop.run(
      workshop.tool('typescript', 'bin/tsc'),
      ['--strict', '--target', 'es2022', '--lib', 'es2023', '--types', 'node', ...settings, file],
      application.folder,
    );

/** Frameworks are heavy: they are run with the newest SDK of each line, whose versions the other styles tell apart. */
const newestOfLine: Style['excluded'] = (_node, _line, sdk) => {
  const ofLine = SDKS.filter((each) => each.split('.')[0] === sdk.split('.')[0]);
  return sdk === ofLine.at(-1) ? undefined : 'NestJS and Next.js are run with the newest SDK of each line';
};

/** Every style, in the order of the table. */
export const STYLES: readonly Style[] = [
  { name: 'ESM, --import', arguments: () => ['--import', './telemetry.mjs', 'app.mjs'] },
  { name: 'CommonJS, --require', arguments: () => ['--require', './telemetry.cjs', 'app.cjs'] },
  {
    name: 'TypeScript nodenext',
    tools: ['typescript'],
    prepare: tsc(['--module', 'nodenext', '--skipLibCheck'], 'nodenext.mts'),
    arguments: () => ['nodenext.mjs'],
  },
  {
    name: 'TypeScript commonjs',
    tools: ['typescript'],
    prepare: tsc(
      ['--module', 'commonjs', '--moduleResolution', 'node10', '--esModuleInterop', '--skipLibCheck'],
      'commonjs.cts',
    ),
    arguments: () => ['commonjs.cjs'],
  },
  {
    name: 'esbuild bundle',
    tools: ['esbuild'],
    prepare: (application, workshop) =>
      workshop.run(
        workshop.tool('esbuild', 'bin/esbuild'),
        [
          'bundled.mjs',
          '--bundle',
          '--platform=node',
          '--target=node20',
          '--outfile=bundle.cjs',
          '--external:@opentelemetry/sdk-*',
          '--external:@opentelemetry/api',
          '--log-level=error',
        ],
        application.folder,
      ),
    arguments: () => ['bundle.cjs'],
  },
  {
    name: 'Jest',
    tools: ['jest'],
    arguments: (workshop) => [
      workshop.tool('jest', 'bin/jest.js'),
      '--rootDir',
      '.',
      '--no-cache',
      '--testMatch',
      '**/jest.test.js',
    ],
  },
  {
    name: 'vitest',
    tools: ['vitest'],
    excluded: (node) => (node.startsWith('20.') ? 'vitest 5 needs Node 22' : undefined),
    arguments: (workshop) => [
      workshop.tool('vitest', 'vitest.mjs'),
      'run',
      '--globals',
      '--root',
      '.',
      'vitest.spec.mjs',
    ],
  },
  {
    name: 'preset, @nylas-otel/node/register',
    excluded: (_, line) => (line.name === '2.x' ? 'the preset brings OpenTelemetry 3.x' : undefined),
    arguments: () => ['--import', '@nylas-otel/node/register', 'preset.mjs'],
    environment: {
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    },
    showsSpans: false,
  },
  {
    name: 'NestJS 12',
    excluded: newestOfLine,
    packages: {
      '@nestjs/common': '12.5.1',
      '@nestjs/core': '12.5.1',
      '@nestjs/platform-express': '12.5.1',
      'reflect-metadata': '0.2.2',
      rxjs: '7.8.2',
    },
    fixture: 'nest',
    tools: ['typescript'],
    prepare: tsc(
      ['--module', 'nodenext', '--skipLibCheck', '--experimentalDecorators', '--emitDecoratorMetadata'],
      'main.mts',
    ),
    arguments: () => ['drive.mjs', '--import', './telemetry.mjs', 'main.mjs'],
  },
  {
    name: 'Next.js 16, next build',
    excluded: newestOfLine,
    packages: {
      next: '16.4.6',
      react: '19.3.0',
      'react-dom': '19.3.0',
      '@types/react': '19.3.0',
      typescript: TOOLS.typescript,
    },
    fixture: 'next',
    prepare: (application, workshop) =>
      workshop.run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], application.folder),
    arguments: () => ['drive.mjs', 'node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1'],
    // Its span of a fetch is one more, with the whole URL.
    environment: { NEXT_TELEMETRY_DISABLED: '1', NEXT_OTEL_FETCH_DISABLED: '1' },
  },
];

/** The name of the span that the request of the fixtures makes. */
export function expectedSpans(sdk: SdkVersion): { readonly operation: string; readonly request: string } {
  return {
    operation: 'nylas messages.list',
    request: speaksV2(sdk) ? 'GET /messages' : 'GET /v3/grants/{grant_id}/messages',
  };
}
