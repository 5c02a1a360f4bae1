import type { Clock } from '../clock.ts';

/** What is read of a response: that of fetch, undici's or node-fetch's. */
export interface ReadableResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body?: unknown;
  readonly bodyUsed?: boolean;
  clone(): ReadableResponse;
}

// Error bodies are a few hundred bytes; a page of the edge a few thousand. A slow one is judged by its status.
const MOST_BYTES = 65_536;
const LONGEST_MS = 1_000;

/**
 * True for a status whose body decides what to do: whose limit, whose failure, which conflict. Every answer that may be
 * followed by another attempt has one of these.
 */
export function bodyMatters(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/**
 * The text of an error response, read from a copy: the caller can still read the response. Undefined when it is too
 * long, takes longer than a second or cannot be read.
 */
export async function readErrorText(response: ReadableResponse, clock: Clock): Promise<string | undefined> {
  if (response.body === null || response.body === undefined || response.bodyUsed === true) return undefined;
  let copy: BodyCopy | undefined;
  try {
    copy = openCopy(response.clone().body);
  } catch {
    return undefined;
  }
  if (copy === undefined) return undefined;
  let timer: unknown;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = clock.setTimeout(() => resolve(undefined), LONGEST_MS);
  });
  const text = await Promise.race([readAll(copy), tooLate]);
  clock.clearTimeout(timer);
  // Ends this copy only; the other one stays with the caller.
  if (text === undefined) copy.end();
  return text;
}

/** A copy of a body, read chunk by chunk. */
interface BodyCopy {
  /** Undefined at the end. */
  next(): Promise<Uint8Array | string | undefined>;
  /** Stops reading, also while a chunk is awaited. */
  end(): void;
}

function openCopy(body: unknown): BodyCopy | undefined {
  if (body instanceof ReadableStream) {
    // Not its iterator: that cannot be ended while a read is pending.
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    return {
      next: async () => (await reader.read()).value,
      end: () => void reader.cancel().then(undefined, () => undefined),
    };
  }
  const stream = body as { destroy?(): void; [Symbol.asyncIterator]?(): AsyncIterator<Uint8Array | string> };
  const iterator = stream[Symbol.asyncIterator]?.();
  if (iterator === undefined) return undefined;
  return {
    next: async () => {
      const { done, value } = await iterator.next();
      return done === true ? undefined : value;
    },
    end: () => stream.destroy?.(),
  };
}

async function readAll(copy: BodyCopy): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for (;;) {
      const value = await copy.next();
      if (value === undefined) return Buffer.concat(chunks).toString('utf8');
      const chunk = Buffer.from(value as Uint8Array);
      size += chunk.byteLength;
      if (size > MOST_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
}

/** Lets go of a response that nobody will read, so that its connection is free again. */
export function discardBody(response: ReadableResponse): void {
  const body = response.body as
    | { cancel?(): Promise<void>; destroy?(): void; locked?: boolean }
    | null
    | undefined;
  try {
    if (typeof body?.cancel === 'function') {
      if (body.locked !== true) void body.cancel().then(undefined, () => undefined);
    } else body?.destroy?.();
  } catch {
    // A body that cannot be cancelled ends by itself.
  }
}
