import { NODES, OPENTELEMETRY, SDKS } from './axes.ts';
import type { Combination } from './matrix.ts';
import { NEIGHBOURS } from './neighbours.ts';
import type { Results } from './results.ts';
import { neighbourLabel } from './run-matrix.ts';
import { STYLES } from './styles.ts';

/** The page of the documentation that shows what was run. */
export function compatibilityPage(all: readonly Combination[], results: Results): string {
  const shown = (label: string) => {
    const problem = results.of(label);
    return problem === undefined ? '?' : problem === null ? 'yes' : '**no**';
  };
  const sections = OPENTELEMETRY.map((line) => {
    const packages = Object.entries(line.packages)
      .map(([name, version]) => `\`${name}\` ${version}`)
      .join(', ');
    const tables = SDKS.map((sdk) => {
      const head = `| \`nylas\` ${sdk} | ${NODES.map((node) => `Node ${node}`).join(' | ')} |`;
      const rows = STYLES.map((style) => {
        const cells = NODES.map((node) => {
          const cell = all.find(
            (each) => each.node === node && each.line === line && each.sdk === sdk && each.style === style,
          );
          return cell === undefined || cell.excluded !== undefined ? '–' : shown(cell.label);
        });
        return `| ${style.name} | ${cells.join(' | ')} |`;
      });
      return [head, `| --- |${' --- |'.repeat(NODES.length)}`, ...rows].join('\n');
    });
    return `## OpenTelemetry ${line.name}\n\n${packages}\n\n${tables.join('\n\n')}`;
  });
  const reasons = [...new Set(all.flatMap(({ excluded }) => excluded ?? []))].map((reason) => `- ${reason}`);
  const beside = NEIGHBOURS.map((neighbour) => {
    const cells = OPENTELEMETRY.map((line) => shown(neighbourLabel(neighbour, line)));
    return `| ${neighbour.name} | ${cells.join(' | ')} |`;
  });
  return `# Compatibility

<!-- Written by \`npm run test:compat\`. Do not edit. -->

Each cell is an application of its own: our packages from the tarballs that are published, everything else from npm, installed
with \`npm install\`. It makes one request with the real SDK against the [simulator](../packages/simulator), shows exactly one
HTTP span below one operation span and one counted request, and ends by itself. "yes" is what was run and seen, "?" was not run yet.

${sections.join('\n\n')}

"–" is not a combination that exists:

${reasons.join('\n')}

## Beside others

The same request with others that trace requests in the process: still one HTTP span of OpenTelemetry below one operation span,
counted once.

| Beside | ${OPENTELEMETRY.map(({ name }) => `OpenTelemetry ${name}`).join(' | ')} |
| --- |${' --- |'.repeat(OPENTELEMETRY.length)}
${beside.join('\n')}
`;
}
