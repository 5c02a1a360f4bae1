import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Why a signature was not taken. */
export type SignatureFault = 'signature_missing' | 'signature_malformed' | 'signature_mismatch';

/** A secret that deliveries may be signed with, and how often it was. */
export interface SigningSecret {
  /** Shown in counts, never the secret itself. */
  readonly name: string;
  readonly key: KeyObject;
  /** Deliveries verified with it. */
  verified: number;
}

/** Makes a secret ready for use; the key object spares the key set-up on each delivery. */
export function signingSecret(name: string, secret: string): SigningSecret {
  return { name, key: createSecretKey(secret, 'utf8'), verified: 0 };
}

// A proxy may double the header, which frameworks join with commas. Each candidate is compared, but not a crowd of them.
const MOST_CANDIDATES = 4;
const BYTES = 32;

// One for all comparisons, which end before another begins: a digest that comes as a string and two buffers that are there
// already cost half of what a digest in a buffer of its own does.
const expected = Buffer.alloc(BYTES);
const given = Buffer.alloc(BYTES);

/**
 * Verifies the signature of the wire bytes against every secret, in constant time for signatures of equal length, and
 * counts the secret that fits.
 *
 * @returns undefined when the signature is good, else why it is not
 */
export function verifySignature(
  body: Uint8Array,
  header: string | undefined,
  secrets: readonly SigningSecret[],
): SignatureFault | undefined {
  if (header === undefined) return 'signature_missing';
  // The usual header is decoded by looking at it.
  const isDecoded = isDigest(header);
  const candidates = isDecoded ? [header] : readCandidates(header);
  if (candidates.length === 0) return header.trim() === '' ? 'signature_missing' : 'signature_malformed';
  for (const secret of secrets) {
    expected.write(createHmac('sha256', secret.key).update(body).digest('binary'), 'binary');
    for (const candidate of candidates) {
      if (!isDecoded) given.write(candidate, 'hex');
      if (timingSafeEqual(expected, given)) {
        secret.verified++;
        return undefined;
      }
    }
  }
  return 'signature_mismatch';
}

function readCandidates(header: string): readonly string[] {
  return header
    .split(',', MOST_CANDIDATES)
    .map((part) => part.trim())
    .filter(isDigest);
}

// Decoding stops at the first wrong digit, so only 64 good ones fill the buffer.
function isDigest(text: string): boolean {
  return text.length === 2 * BYTES && given.write(text, 'hex') === BYTES;
}
