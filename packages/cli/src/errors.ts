import { EXIT_CODES, type ExitName } from './exit-codes.ts';

/** Why a command cannot go on, and what to do about it. Neither text ever holds a secret or the value of an option. */
export class NylasOtelError extends Error {
  override readonly name = 'NylasOtelError';
  /** What to do, as one or more sentences. */
  readonly fix: string;
  /** A name in the table of exit codes. */
  readonly exit: ExitName;

  /**
   * @param exit what the process ends with
   * @param message what is wrong, as a sentence
   * @param fix what to do
   */
  constructor(exit: ExitName, message: string, fix: string, options?: ErrorOptions) {
    super(message, options);
    this.exit = exit;
    this.fix = fix;
  }

  /** The process's exit code. */
  get exitCode(): number {
    return EXIT_CODES[this.exit].code;
  }
}

/** What is known of any thrown thing without its message, which may hold what must not be shown. */
export function errorInWords(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = codeOf(error) ?? codeOf(error.cause);
  if (code === undefined) return error.constructor.name;
  return isDiskFull(error) ? `${code}: the disk is full` : code;
}

/** Of the file system, and of PostgreSQL. */
const DISK_FULL: readonly unknown[] = ['ENOSPC', '53100'];

/** True where an error, or what caused it, says that there is no room on the disk. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && (DISK_FULL.includes(codeOf(error)) || isDiskFull(error.cause));
}

function codeOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
