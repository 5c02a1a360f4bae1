/** Takes personal data and secrets out of free text, the same way for the same text. */
export type Redactor = (text: string) => string;

// `%40` is how an address looks in a path.
const ADDRESS = /[\p{L}\p{N}._%+'=~!#$&*/?^`{|}-]{1,64}(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu;
const BEARER = /\b(bearer|basic)(\s+)[\w.~+/=-]{6,}/gi;
const NAMED_SECRET =
  /(["']?[\w-]*(?:api[_-]?key|secret|token|password|passwd|authorization|signature|cookie)[\w-]*["']?\s*[:=]\s*)(["']?)([^\s"',;&}]+)\2/gi;
const NYLAS_KEY = /\bnyk_[\w]+/g;
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const LONG_WORD = /[\w+/=-]{24,}/g;
const URL_CREDENTIALS = /(\/\/)[^/\s:@]+:[^/\s@]+@/g;
const QUERY_VALUE =
  /([?&](?:code|state|login_hint|challenge|access_token|refresh_token|client_secret|page_token)=)[^&\s"']+/gi;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const REQUEST_ID = /^\d{6,13}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TRACE_ID = /^[0-9a-f]{32}$/;
const GONE = '[REDACTED]';

/**
 * Makes a redactor. Addresses become `[address 1]`, `[address 2]`, ... so that a reader still sees which are the same;
 * keys, tokens, passwords and signatures go. Ids that say nothing about a person stay: UUIDs, request ids, `kept`.
 *
 * @param kept values that stay although they look like a token: account id, message ids, request and flow ids
 * @param secrets exact values that go wherever they stand, in plain, Base64 or percent-encoded
 */
export function createRedactor(kept: Iterable<string>, secrets: Iterable<string>): Redactor {
  const keep = new Set(kept);
  const forms = secretForms(secrets);
  const addresses = new Map<string, string>();
  const address = (found: string): string => {
    if (keep.has(found)) return found;
    const name = found.replace(/%40/i, '@').toLowerCase();
    let shown = addresses.get(name);
    if (shown === undefined) {
      shown = `[address ${addresses.size + 1}]`;
      addresses.set(name, shown);
    }
    return shown;
  };
  return (text) => {
    let clean = text;
    for (const form of forms) clean = clean.replaceAll(form, GONE);
    return clean
      .replace(URL_CREDENTIALS, `$1${GONE}@`)
      .replace(QUERY_VALUE, `$1${GONE}`)
      .replace(BEARER, `$1$2${GONE}`)
      .replace(NYLAS_KEY, GONE)
      .replace(JWT, GONE)
      .replace(NAMED_SECRET, (whole, name: string, quote: string, value: string) =>
        isPlainCode(value) ? whole : `${name}${quote}${GONE}${quote}`,
      )
      .replace(ADDRESS, address)
      .replace(LONG_WORD, (word) => (keep.has(word) || saysNothing(word) ? word : GONE));
  };
}

// `apiKey: process.env.NYLAS_API_KEY` is code and shows how a key is passed, not the key.
function isPlainCode(value: string): boolean {
  return /^(process\.env\.\w+|undefined|null|true|false|\[REDACTED\]|\$\{\w+\}|os\.environ.*)$/.test(value);
}

// Words of letters are names of functions; a token has digits among its letters.
function saysNothing(word: string): boolean {
  if (UUID.test(word) || REQUEST_ID.test(word) || TRACE_ID.test(word)) return true;
  if (!/\d/.test(word) || !/[a-z]/i.test(word)) return true;
  // A path or a line of dashes: no part of it is long enough to be a secret.
  return word.split(/[/=+]/).every((part) => part.length < 24 || !/\d/.test(part) || !/[a-z]/i.test(part));
}

function secretForms(secrets: Iterable<string>): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    // A short "secret" would tear holes into every sentence.
    if (secret.length < 6) continue;
    forms.add(secret);
    forms.add(encodeURIComponent(secret));
    for (const form of [secret, `${secret}:`]) {
      forms.add(Buffer.from(form).toString('base64'));
      forms.add(Buffer.from(form).toString('base64url'));
    }
  }
  return [...forms].sort((a, b) => b.length - a.length);
}
