const SHORTEST = 6;

/**
 * The last line of defence: takes known secrets out of whatever is printed. What is printed is made without them; this is
 * for what somebody else put into an error or an answer.
 */
export class Redactor {
  #secrets: string[] = [];

  /** Adds values that must not be printed. Those under six characters are left out: they would eat words. */
  add(secrets: readonly string[]): void {
    const longest = new Set([...this.#secrets, ...secrets.filter((secret) => secret.length >= SHORTEST)]);
    this.#secrets = [...longest].sort((a, b) => b.length - a.length);
  }

  /** The text without the secrets, as they are and as they stand in a URL, in JSON or in base64. */
  clean(text: string): string {
    let cleaned = text;
    for (const secret of this.#secrets) {
      for (const form of formsOf(secret)) {
        if (cleaned.includes(form)) cleaned = cleaned.replaceAll(form, '[REDACTED]');
      }
    }
    return cleaned;
  }
}

function formsOf(secret: string): Set<string> {
  return new Set([
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    Buffer.from(`${secret}:`).toString('base64'),
  ]);
}
