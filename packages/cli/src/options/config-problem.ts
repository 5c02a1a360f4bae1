/** Something in the configuration that cannot be used. */
export interface ConfigProblem {
  /** A file and its line, a variable or a flag. */
  readonly where: string;
  /** The option, e.g. `nylas.region`; empty where it is about the whole file. */
  readonly key: string;
  /** What is wrong, never with the value: it may be a secret. */
  readonly problem: string;
  readonly fix: string;
}

/** `where: key problem. Fix.` */
export function problemLine({ where, key, problem, fix }: ConfigProblem): string {
  return `${where}: ${key === '' ? '' : `${key} `}${problem}. ${fix}`;
}
