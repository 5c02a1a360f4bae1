import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

/** Where the reports are, one a package and entry. */
const REPORTS = 'docs/api';

/** An entry of a package: `.` or a subpath, and its rolled-up types. */
interface Entry {
  readonly report: string;
  readonly folder: string;
  readonly types: string;
}

/**
 * The public face of every package, as API Extractor reads it from the built types, against the reports that are
 * checked in: a change of it shows in review. Everything public has a docstring.
 *
 * @param write true to write the reports instead of comparing them
 */
export async function checkApiReports(write = false): Promise<string[]> {
  const entries = readdirSync('packages').flatMap(entriesOf);
  if (write) mkdirSync(REPORTS, { recursive: true });
  const problems = entries.flatMap((entry) => problemsOf(entry, write));
  const known = new Set(entries.map(({ report }) => report));
  for (const file of existsSync(REPORTS) ? readdirSync(REPORTS) : []) {
    if (known.has(file)) continue;
    if (write) rmSync(join(REPORTS, file));
    else problems.push(`${REPORTS}/${file} is of no package: remove it.`);
  }
  return problems;
}

function entriesOf(name: string): Entry[] {
  const folder = join('packages', name);
  const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports?: Record<string, string | { import?: { types?: string } }>;
  };
  return Object.entries(exports).flatMap(([path, target]) => {
    const types = typeof target === 'string' ? undefined : target.import?.types;
    if (types === undefined) return [];
    const suffix = path === '.' ? '' : `.${path.slice(2).replaceAll('/', '.')}`;
    return [{ report: `${name}${suffix}.api.md`, folder, types: join(folder, types) }];
  });
}

function problemsOf({ report, folder, types }: Entry, write: boolean): string[] {
  const made = reportOf(folder, types);
  const path = join(REPORTS, report);
  const bare = undocumented(made).map((name) => `${report}: ${name} is public and has no docstring.`);
  if (write) writeFileSync(path, made);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== made) {
    return [
      ...bare,
      `${path} is not what ${folder} exports. Run npm run docs:api and look at the difference.`,
    ];
  }
  return bare;
}

function reportOf(folder: string, types: string): string {
  const temporary = resolve(folder, 'node_modules/.api-report');
  mkdirSync(temporary, { recursive: true });
  try {
    const messages: string[] = [];
    const config = ExtractorConfig.prepare({
      configObject: {
        projectFolder: resolve(folder),
        mainEntryPointFilePath: resolve(types),
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              module: 'nodenext',
              target: 'es2022',
              lib: ['es2023'],
              types: ['node'],
              skipLibCheck: true,
              strict: true,
            },
            files: [resolve(types)],
          },
        },
        apiReport: {
          enabled: true,
          reportFileName: 'report.api.md',
          reportFolder: temporary,
          reportTempFolder: join(temporary, 'temp'),
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          // Its own taste of release tags is not ours.
          extractorMessageReporting: {
            default: { logLevel: ExtractorLogLevel.None },
            'ae-undocumented': { logLevel: ExtractorLogLevel.None, addToApiReportFile: true },
          },
          tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        },
      },
      configObjectFullPath: undefined,
      packageJsonFullPath: resolve(folder, 'package.json'),
    });
    Extractor.invoke(config, {
      localBuild: true,
      messageCallback(message) {
        if (message.logLevel === 'error') messages.push(message.text);
        message.handled = true;
      },
    });
    if (messages.length > 0) throw new Error(`${types}: ${messages.join('\n')}`);
    return withoutPlaces(readFileSync(join(temporary, 'report.api.md'), 'utf8'));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Without the list of lines in built files: they move with every change, of the public face or not. */
function withoutPlaces(report: string): string {
  return report.replace(/\/\/ Warnings were encountered during analysis:\r?\n(?:\/\/.*\r?\n)+\s*/, '');
}

// What they stand for is in the tables of the contract, and on its page in the documentation.
const NAMES_OF_THE_CONTRACT = /^(ATTR|METRIC|EVENT)_/;

/** Names in a report that API Extractor found no docstring for; members of documented types speak for themselves. */
export function undocumented(report: string): string[] {
  const lines = report.split('\n');
  return lines.flatMap((line, index) => {
    if (!/^\/\/ .*\(undocumented\)/.test(line)) return [];
    const declaration = lines[index + 1] ?? '';
    const name = /(?:function|class|interface|type|const|enum|let|var)\s+([\w$]+)/.exec(declaration)?.[1];
    return NAMES_OF_THE_CONTRACT.test(name ?? '') ? [] : [name ?? declaration];
  });
}
