import { isSentence, providerError } from './error-body.ts';
import { errorTypeLabel } from './error-types.ts';
import { idToken, property, textProperty } from './untrusted.ts';

/** Facts of an error that a Nylas SDK threw. Nothing in it is free text. */
export interface SdkErrorFacts {
  /** HTTP status. */
  statusCode?: number;
  /** Nylas's error type as a label, see `errorTypeLabel`; absent when the error has none. */
  type?: string;
  /** `x-request-id`, or the body's id before SDK 7.8. */
  requestId?: string;
  /** `x-fastly-id`, since SDK 7.8. */
  flowId?: string;
  /** Whether the mail provider's own error is attached. */
  hasProviderError: boolean;
  /** Reads a response header by its lower-case name. SDK 7.8 and later keep all, SDK 6 those of a rate limit. */
  header?(name: string): string | undefined;
}

/**
 * Reads an error of the nylas SDK by its shape: `NylasApiError` and `NylasOAuthError` of 7 and 8, `NylasApiError` and
 * `RateLimitError` of 6. Names are no help: all of them call themselves "Error" or by their status.
 *
 * For `classifyResponse` pass the error itself as `body` beside these facts: its properties are the body's.
 *
 * @returns Undefined for anything that is no answered request of Nylas's (time-outs, network errors, the plain `Error`
 *   that SDK 7 and 8 throw for a body they cannot parse). Never throws.
 */
export function readSdkError(error: unknown): SdkErrorFacts | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const statusCode = property(error, 'statusCode');
  if (
    typeof statusCode !== 'number' ||
    !Number.isInteger(statusCode) ||
    statusCode < 100 ||
    statusCode > 599
  ) {
    return undefined;
  }
  const type = textProperty(error, 'type') ?? textProperty(error, 'error');
  if (type === undefined && !hasSdkShape(error)) return undefined;
  const facts: SdkErrorFacts = {
    statusCode,
    hasProviderError: providerError(error) !== undefined,
  };
  // SDK 6 puts the status text there when the body is no JSON.
  if (type !== undefined && type !== '' && !isSentence(type)) facts.type = errorTypeLabel(type);
  const requestId = idToken(property(error, 'requestId'));
  if (requestId !== undefined) facts.requestId = requestId;
  const flowId = idToken(property(error, 'flowId'));
  if (flowId !== undefined) facts.flowId = flowId;
  const header = headerReader(error);
  if (header !== undefined) facts.header = header;
  return facts;
}

// SDK 6: v2's 500 has no type, and the property is there all the same.
function hasSdkShape(error: object): boolean {
  try {
    return 'type' in error || 'requestId' in error || 'rateLimit' in error;
  } catch {
    return false;
  }
}

function headerReader(error: object): ((name: string) => string | undefined) | undefined {
  const headers = property(error, 'headers');
  if (typeof headers === 'object' && headers !== null) return (name) => textProperty(headers, name);
  const limit = property(error, 'rateLimit');
  const reset = property(error, 'rateLimitReset');
  if (typeof limit !== 'number' && typeof reset !== 'number') return undefined;
  return (name) => {
    const value = name === 'x-ratelimit-limit' ? limit : name === 'x-ratelimit-reset' ? reset : undefined;
    return typeof value === 'number' ? `${value}` : undefined;
  };
}
