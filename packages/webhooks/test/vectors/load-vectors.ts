import { readFileSync } from 'node:fs';

/** One vector; see README.md beside it. */
export interface Vector {
  readonly name: string;
  readonly method?: string;
  readonly query?: string;
  readonly headers?: { readonly [name: string]: string | readonly string[] };
  readonly body?: {
    readonly text?: string;
    readonly base64?: string;
    readonly repeat?: readonly [string, number];
  };
  readonly signature?: string;
  readonly inbox?: 'fails';
  readonly expect: {
    readonly status: number;
    readonly body?: string;
    readonly accepted?: readonly string[];
    readonly quarantined?: number;
  };
}

export const SECRET = 's3cr3t';
export const VECTOR_FILES = ['challenge', 'signatures', 'bodies', 'envelopes'] as const;

export function loadVectors(file: (typeof VECTOR_FILES)[number]): Vector[] {
  return JSON.parse(readFileSync(new URL(`./${file}.json`, import.meta.url), 'utf8')) as Vector[];
}

export function bodyOf({ body }: Vector): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (body.base64 !== undefined) return Buffer.from(body.base64, 'base64');
  const [text, times] = body.repeat ?? ['', 0];
  return Buffer.concat([Buffer.from(body.text ?? '', 'utf8'), Buffer.from(text.repeat(times), 'utf8')]);
}
