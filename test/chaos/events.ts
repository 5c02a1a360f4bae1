import type { SentEvent } from './sender.ts';

const STATE_TRIGGERS = ['grant.expired', 'grant.updated'];
const DATA_TRIGGERS = ['message.created', 'event.updated', 'contact.updated'];

/**
 * Chains of events: those of a chain are sent one after the other, so that their order is known. Every third chain is of
 * one grant's state, the others are of mail, calendars and contacts.
 */
export function chainsOf(events: number, random: () => number): SentEvent[][] {
  const length = 20;
  const chains: SentEvent[][] = [];
  for (let first = 0; first < events; first += length) {
    const triggers = chains.length % 3 === 0 ? STATE_TRIGGERS : DATA_TRIGGERS;
    const account = `grant-${chains.length}`;
    chains.push(
      Array.from({ length: Math.min(length, events - first) }, (_, step) => ({
        id: `${first + step}-${Math.floor(random() * 1e9).toString(36)}`,
        trigger: triggers[Math.floor(random() * triggers.length)] as string,
        account,
        step,
      })),
    );
  }
  return chains;
}
