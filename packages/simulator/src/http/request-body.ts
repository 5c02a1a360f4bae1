import type { NodeRequest } from './exchange.ts';

/** No answer of Nylas needs more; above it the simulator says 413. */
const MAX_BODY_BYTES: number = 64 * 1024 * 1024;

/** Whether a request announces a body. */
export function hasBody(request: NodeRequest): boolean {
  const { headers } = request;
  if (headers['transfer-encoding'] !== undefined) return true;
  const length = headers['content-length'];
  if (length !== undefined) return length !== '0';
  // HTTP/2 needs neither header; there a stream that did not end with its headers has a body.
  return (
    request.httpVersionMajor === 2 &&
    !(request as { stream?: { endAfterHeaders?: boolean } }).stream?.endAfterHeaders
  );
}

/** Reads the whole body; undefined when it is too large or the client went away. */
export function readBody(request: NodeRequest): Promise<Buffer | 'too_large' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        chunks.length = 0;
        resolve('too_large');
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });
}

/** A JSON object from bytes; undefined when it is not one. */
export function parseJsonObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A multipart body, taken apart. */
export interface Multipart {
  /** Text fields by name; the last one wins. */
  readonly fields: ReadonlyMap<string, string>;
  /** Files in order. */
  readonly files: readonly MultipartFile[];
}

/** One file of a multipart body. */
export interface MultipartFile {
  readonly field: string;
  readonly filename: string;
  readonly contentType: string;
  readonly size: number;
}

/** Takes a multipart body apart with Node's own parser; undefined when it is malformed. */
export async function parseMultipart(bytes: Buffer, contentType: string): Promise<Multipart | undefined> {
  try {
    const form = await new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': contentType },
    }).formData();
    const fields = new Map<string, string>();
    const files: MultipartFile[] = [];
    for (const [field, value] of form) {
      if (typeof value === 'string') fields.set(field, value);
      else files.push({ field, filename: value.name, contentType: value.type, size: value.size });
    }
    return { fields, files };
  } catch {
    return undefined;
  }
}
