import { randomFillSync } from 'node:crypto';

const random = new Uint8Array(16);
let lastMs = 0;
let counter = 0;

/**
 * A UUID (version 7) that is greater than all that this process made before: jobs of one commit share their time of
 * creation, and the id says which came first.
 */
export function nextJobId(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMs++;
    counter = 0;
  }
  randomFillSync(random);
  const time = lastMs.toString(16).padStart(12, '0');
  const count = counter.toString(16).padStart(3, '0');
  const tail = Buffer.from(random.buffer, 0, 8).toString('hex');
  const variant = ((Number.parseInt(tail[0] as string, 16) & 0x3) | 0x8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}`;
}
