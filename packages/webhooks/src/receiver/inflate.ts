import { gunzip } from 'node:zlib';

/** How a body that may be compressed came out. */
export type Inflated =
  | { readonly kind: 'inflated'; readonly body: Uint8Array }
  | { readonly kind: 'bad_gzip' }
  | { readonly kind: 'inflated_too_large' };

/** True for gzip data. JSON never begins like this, so no header has to be believed. */
export function isGzip(body: Uint8Array): boolean {
  return body.length > 2 && body[0] === 0x1f && body[1] === 0x8b;
}

/** Inflates a compressed body, at most to `maxBytes`: a bomb is refused before it grows. Never rejects. */
export function inflate(body: Uint8Array, maxBytes: number): Promise<Inflated> {
  return new Promise((resolve) => {
    gunzip(body, { maxOutputLength: maxBytes }, (error, inflated) => {
      if (error === null) resolve({ kind: 'inflated', body: inflated });
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        resolve({ kind: 'inflated_too_large' });
      else resolve({ kind: 'bad_gzip' });
    });
  });
}
