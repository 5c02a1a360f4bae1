/** True for a body that can be sent any number of times: text and bytes, not streams and iterators. */
export function isReplayable(body: unknown): boolean {
  if (typeof body === 'string' || body === null || body === undefined) return true;
  if (typeof body !== 'object') return true;
  if (body instanceof URLSearchParams || body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return true;
  if (isBlob(body)) return true;
  if (!isForm(body)) return false;
  for (const [, value] of body as Iterable<[string, unknown]>) {
    if (typeof value !== 'string' && !isBlob(value)) return false;
  }
  return true;
}

/** True for the `FormData` of Node, undici and formdata-node; that of the package form-data is a stream. */
export function isForm(body: unknown): boolean {
  if (body instanceof URLSearchParams) return false;
  const { append, entries, getHeaders } = (body ?? {}) as Record<string, unknown>;
  return typeof append === 'function' && typeof entries === 'function' && typeof getHeaders !== 'function';
}

// A file of the SDK over a stream calls itself a File, and cannot be cut into pieces.
function isBlob(value: unknown): boolean {
  const { slice, arrayBuffer, size } = (value ?? {}) as {
    slice?(start: number, end: number): unknown;
    arrayBuffer?: unknown;
    size?: number;
  };
  if (typeof slice !== 'function' || typeof arrayBuffer !== 'function') return false;
  try {
    slice.call(value, 0, 1);
    return size !== undefined && !Number.isNaN(size);
  } catch {
    return false;
  }
}
