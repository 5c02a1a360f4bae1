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
const HEX_LENGTH = 64;

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
  const candidates = readCandidates(header);
  if (candidates.length === 0) return header.trim() === '' ? 'signature_missing' : 'signature_malformed';
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret.key).update(body).digest();
    for (const candidate of candidates) {
      if (timingSafeEqual(expected, candidate)) {
        secret.verified++;
        return undefined;
      }
    }
  }
  return 'signature_mismatch';
}

function readCandidates(header: string): Buffer[] {
  if (header.length === HEX_LENGTH) return isHex(header) ? [Buffer.from(header, 'hex')] : [];
  return header
    .split(',', MOST_CANDIDATES)
    .map((part) => part.trim())
    .filter((part) => part.length === HEX_LENGTH && isHex(part))
    .map((part) => Buffer.from(part, 'hex'));
}

// Buffer.from(…, 'hex') stops silently at the first wrong digit, so the digits are looked at first.
function isHex(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const lower = code | 0x20;
    if (!((code >= 48 && code <= 57) || (lower >= 97 && lower <= 102))) return false;
  }
  return true;
}
