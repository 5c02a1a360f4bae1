import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A chapter of a package's README that tells options. */
interface Source {
  readonly package: string;
  readonly heading: string;
  /** How the chapter is called on the page. */
  readonly title: string;
}

/** What is put together, in the order of the page. A README's own tables are held to the code by the package's tests. */
const SOURCES: readonly Source[] = [
  { package: 'node', heading: 'In code', title: '`startNylasTelemetry(options)`' },
  { package: 'node', heading: 'Variables', title: 'Variables of the preset and `./register`' },
  { package: 'node', heading: 'Metrics in your own server', title: 'Middleware and metrics handler' },
  { package: 'instrumentation', heading: 'Options', title: '`withNylas(instrumentations, options)`' },
  {
    package: 'prom-client',
    heading: '`collectNylasMetrics(options)`',
    title: '`collectNylasMetrics(options)`',
  },
  {
    package: 'retry',
    heading: 'Options',
    title: '`withRetry(client, options)`, `retryingFetch(fetch, options)`',
  },
  { package: 'accounts', heading: 'Options', title: '`watchAccounts(options)`' },
  { package: 'webhooks', heading: 'Options', title: '`nylasWebhooks(options)`' },
  { package: 'store', heading: 'Options of `openStore`', title: '`openStore(options)`' },
  {
    package: 'repair',
    heading: 'Options of `createAccountMonitor`',
    title: '`createAccountMonitor(options)`',
  },
  { package: 'cli', heading: 'Options', title: '`nylas-otel`: flags, variables, file' },
  { package: 'simulator', heading: 'Options of `startSimulator`', title: '`startSimulator(options)`' },
];

/**
 * The page of all options, put together from the READMEs of the packages.
 *
 * @throws Error when a README lacks the chapter
 */
export function configurationPage(root: string): string {
  const chapters = SOURCES.map(({ package: name, heading, title }) => {
    const text = readFileSync(join(root, 'packages', name, 'README.md'), 'utf8');
    const chapter = chapterOf(text, heading);
    if (chapter === undefined) throw new Error(`packages/${name}/README.md has no chapter "${heading}".`);
    const link = `[\`@nylas-otel/${name}\`](../packages/${name})`;
    return `## ${title}\n\n${link}\n\n${relinked(chapter, name).replaceAll(/^#/gm, '##').trim()}`;
  });
  return `# Configuration

<!-- Written by \`npm run docs:configuration\` from the READMEs of the packages. Do not edit. -->

Whatever is wrong is said with the name of the option, the kind of its value, and the fix. An option in code is before a variable of the
environment; a variable is before a file; secrets are taken from files too (\`NAME_FILE\`).

${chapters.join('\n\n')}
`;
}

/** What stands below a heading, up to the next of its level. */
function chapterOf(text: string, heading: string): string | undefined {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^##+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) return undefined;
  const level = lines[start]?.indexOf(' ') ?? 2;
  let fenced = false;
  const end = lines.findIndex((line, index) => {
    if (index <= start) return false;
    if (line.startsWith('```')) fenced = !fenced;
    const mark = /^(#+) /.exec(line)?.[1];
    return !fenced && mark !== undefined && mark.length <= level;
  });
  return lines.slice(start + 1, end < 0 ? undefined : end).join('\n');
}

/** Links of a README lead on from here. */
function relinked(text: string, name: string): string {
  return text.replaceAll(/\]\((?![a-z]+:)([^)]+)\)/g, (_, target: string) =>
    target.startsWith('#') ? `](../packages/${name}${target})` : `](../packages/${name}/${target})`,
  );
}
