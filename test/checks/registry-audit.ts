import { ended } from './command.ts';
import { PNPM } from './pnpm.ts';

/** A version that the registry has an advisory for. */
export interface ReportedAdvisory {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly severity: string;
  readonly url: string;
}

/** What a registry said when it was asked: advisories, or the status by which it says that it cannot be asked. */
export type RegistryAnswer =
  | { readonly advisories: readonly ReportedAdvisory[] }
  | { readonly noEndpoint: number };

/** What we read of `pnpm audit --json`. */
interface AuditReport {
  readonly advisories: Readonly<
    Record<
      string,
      {
        readonly github_advisory_id: string;
        readonly module_name: string;
        readonly severity: string;
        readonly url: string;
        readonly findings: readonly { readonly version: string }[];
      }
    >
  >;
}

/**
 * Runs `pnpm audit` on all that a folder's lockfile holds, tools included.
 *
 * @param folder Where the pnpm-lock.yaml is.
 * @param registry Another registry than the configured one.
 * @throws Error when pnpm fails in any other way than by a registry that has no such endpoint (404, 405, 410): a registry that
 *   is down has not said that all is well.
 */
export async function askRegistry(folder: string, registry?: string): Promise<RegistryAnswer> {
  const [program, ...args] = PNPM;
  const { ok, stdout, output } = await ended(program, [
    ...args,
    '--dir',
    folder,
    'audit',
    '--json',
    ...(registry === undefined ? [] : ['--registry', registry]),
  ]);
  const report = parsed(stdout);
  if (report === undefined) {
    if (output.includes('ERR_PNPM_AUDIT_ENDPOINT_NOT_EXISTS')) return { noEndpoint: 404 };
    const status = /responded with (405|410)\b/.exec(output)?.[1];
    if (status === undefined) throw new Error(`pnpm audit failed:\n${output.trim()}`);
    return { noEndpoint: Number(status) };
  }
  const advisories = Object.values(report.advisories).flatMap((advisory) =>
    advisory.findings.map(({ version }) => ({
      id: advisory.github_advisory_id,
      name: advisory.module_name,
      version,
      severity: advisory.severity,
      url: advisory.url,
    })),
  );
  // Its exit code and its report must say the same, or one of them is not what we take it for.
  if (ok !== (advisories.length === 0)) throw new Error(`pnpm audit contradicts itself:\n${output.trim()}`);
  return { advisories };
}

function parsed(stdout: string): AuditReport | undefined {
  try {
    const report = JSON.parse(stdout) as Partial<AuditReport>;
    return report.advisories === undefined ? undefined : (report as AuditReport);
  } catch {
    return undefined;
  }
}
