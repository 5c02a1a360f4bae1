import type { JsonObject } from '../data/mailbox.ts';
import { numberOf, textOf } from '../data/untrusted.ts';
import { type Reply, StreamedBody } from './reply.ts';

/** Downloads repeat one letter: enough to count bytes, and a gigabyte of it costs nothing to make. */
const LETTER = 0x41;

/** The answer to the download of an attachment or a file: its size, type and name as the object says. */
export function downloadReply(file: JsonObject): Reply {
  // Name and type come from a client's upload: only what is safe in a header is repeated.
  const name = textOf(file.filename).replace(/[^\x20-\x7e]|["\\]/g, '_');
  const type = file.content_type;
  const safe = typeof type === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(type);
  return {
    status: 200,
    type: safe ? type : 'application/octet-stream',
    body: new StreamedBody(Math.max(0, numberOf(file.size)) || 0, LETTER),
    headers: ['content-disposition', `attachment; filename="${name}"`],
  };
}
