import { resolve } from 'node:path';
import { NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { detectProject, type Project } from '../init/detect-project.ts';
import { stepsFor } from '../init/recipes.ts';
import { argument, type CommandContext } from './command.ts';

/** `nylas-otel init [folder]`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output } = context;
  const folder = resolve(context.cwd, argument(context, 'folder') ?? '.');
  const project = detectProject(folder);
  if (project === undefined) {
    throw new NylasOtelError(
      'usage',
      `There is no package.json in ${folder}.`,
      'Run it in the folder of a Node service. For a service in another language run nylas-otel exporter beside it.',
    );
  }
  const steps = stepsFor(project);
  output.result({ project, steps });
  output.line(`Found: ${inWords(project)}.`);
  output.line();
  for (const [index, { title, where, lines, why }] of steps.entries()) {
    output.line(output.paint('strong', `${index + 1}. ${title}`));
    output.line(output.paint('faint', `   ${where}`));
    for (const line of lines) output.line(`     ${line}`);
    if (why !== undefined) output.line(output.paint('faint', `   ${why}`));
    output.line();
  }
  output.line('Nothing was changed. Then: nylas-otel doctor');
  return 'ok';
}

function inWords({
  framework,
  modules,
  typescript,
  openTelemetry,
  promClient,
  nylas,
  packageManager,
}: Project): string {
  return [
    framework === 'none' ? 'no web framework' : framework,
    typescript
      ? `TypeScript (${modules === 'esm' ? 'ES modules' : 'CommonJS'})`
      : modules === 'esm'
        ? 'ES modules'
        : 'CommonJS',
    openTelemetry === 'none' ? 'no OpenTelemetry SDK' : `OpenTelemetry ${openTelemetry}`,
    ...(promClient ? ['prom-client'] : []),
    nylas === undefined ? 'no nylas package' : `nylas ${nylas}`,
    packageManager,
  ].join(', ');
}
