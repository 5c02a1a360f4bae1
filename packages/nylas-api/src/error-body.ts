import { idToken, property, textProperty } from './untrusted.ts';

/** What an error body says, whichever of Nylas's shapes it has. */
export interface ErrorBody {
  /** `json`: an object was read; `text`: something else (an HTML page, plain text); `none`: nothing was read. */
  readonly kind: 'json' | 'text' | 'none';
  /** Nylas's own error type, raw. */
  readonly type: string | undefined;
  /** Nylas's free text: to decide on, never to show. Cut at 2,048 characters. */
  readonly message: string;
  /** Whether the mail provider or connector produced the error. */
  readonly hasProviderError: boolean;
  /** The provider's free text: to decide on, never to show. */
  readonly providerMessage: string;
  /** v2: recipients that failed although others were served. */
  readonly hasFailures: boolean;
  readonly requestId: string | undefined;
}

const NONE: ErrorBody = empty('none');
const MOST_TEXT = 2_048;
const MOST_JSON = 65_536;
const REQUEST_UID = 'request_uid: ';

/**
 * Reads a body that nobody vouches for: throwing getters, cycles, revoked proxies and huge texts are all survived.
 *
 * The shapes: v3 standard `{error: {type, ...}}`, OAuth `{error: "invalid_grant", ...}`, flat and v2 `{type, message}`,
 * HTML and plain text, raw JSON text of any of them, and the SDKs' error objects, whose properties are these in camel
 * case.
 */
export function readErrorBody(body: unknown): ErrorBody {
  if (typeof body === 'string') return readText(body);
  if (typeof body !== 'object' || body === null) return NONE;
  return readObject(body);
}

function readText(body: string): ErrorBody {
  if (body.length <= MOST_JSON) {
    const trimmed = body.trim();
    if (trimmed === '') return NONE;
    if (trimmed.startsWith('{')) {
      try {
        return readObject(JSON.parse(trimmed));
      } catch {
        // Not JSON after all: what it says as a text is below.
      }
    }
  }
  return { ...empty('text'), message: body.slice(0, MOST_TEXT) };
}

function readObject(body: unknown): ErrorBody {
  const error = property(body, 'error');
  const nested = typeof error === 'object' && error !== null ? error : undefined;
  const message = (textProperty(nested, 'message') ?? textProperty(body, 'message') ?? '').slice(
    0,
    MOST_TEXT,
  );
  const provider = providerError(nested) ?? providerError(body);
  return {
    kind: 'json',
    type: nested === undefined ? flatType(body, error) : nestedType(nested),
    message,
    hasProviderError: provider !== undefined,
    providerMessage: providerText(provider),
    hasFailures: isFilledObject(property(body, 'failures')),
    requestId:
      idToken(property(body, 'request_id')) ?? idToken(property(body, 'requestId')) ?? uidIn(message),
  };
}

function nestedType(error: unknown): string | undefined {
  return asType(property(error, 'type')) ?? asType(property(error, 'code'));
}

// SDK 6 puts the status text ("Bad Gateway") where the type belongs when a body is no JSON, and v2's `error` beside a
// type is a sentence: neither is a type.
function flatType(body: unknown, error: unknown): string | undefined {
  const type = asType(property(body, 'type'));
  if (type !== undefined) return isSentence(type) ? undefined : type;
  return typeof error === 'string' && error !== '' && !isSentence(error) ? error : undefined;
}

function asType(value: unknown): string | undefined {
  if (typeof value === 'number') return `${value}`;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether a text that stands where an error type belongs is words of some kind: types are lower case in one piece. */
export function isSentence(text: string): boolean {
  return text.includes(' ') || text.charAt(0) !== text.charAt(0).toLowerCase();
}

/** `provider_error` of v3, `server_error` of v2, in either case; undefined when absent or empty. */
export function providerError(value: unknown): unknown {
  for (const key of ['provider_error', 'providerError', 'server_error', 'serverError']) {
    const found = property(value, key);
    if (found !== undefined && found !== null && found !== '' && found !== false) return found;
  }
  return undefined;
}

function providerText(provider: unknown): string {
  const text =
    typeof provider === 'string'
      ? provider
      : (textProperty(property(provider, 'error'), 'message') ?? textProperty(provider, 'message') ?? '');
  return text.slice(0, MOST_TEXT);
}

function isFilledObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return Object.keys(value).length > 0;
  } catch {
    return false;
  }
}

// v2's 500: "... please contact support@nylas.com and include this request_uid: <id>"
function uidIn(message: string): string | undefined {
  const start = message.indexOf(REQUEST_UID);
  if (start === -1) return undefined;
  const rest = message.slice(start + REQUEST_UID.length);
  const end = rest.indexOf(' ');
  return idToken(end === -1 ? rest : rest.slice(0, end));
}

function empty(kind: ErrorBody['kind']): ErrorBody {
  return {
    kind,
    type: undefined,
    message: '',
    hasProviderError: false,
    providerMessage: '',
    hasFailures: false,
    requestId: undefined,
  };
}
