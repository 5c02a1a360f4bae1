/** Hours of the day. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Something that happens. */
interface Chapter extends Stretch {
  readonly what: string;
}

/** What goes wrong on the simulated day. Boards, pictures and expected alerts follow from it. */
export const STORY = {
  deploy: { from: 2, to: 24, what: 'version 4.12.0 of the mail service is rolled out' },
  gmail: { from: 4, to: 4.8, what: 'Google throttles some mailboxes' },
  outage: {
    from: 9,
    to: 10.5,
    what: 'Nylas answers with 503, 520 and time-outs; its status page follows late',
  },
  statusPage: { from: 9.3, to: 11, what: 'the status page shows it' },
  storeDown: { from: 13, to: 13.5, what: 'our database is down: deliveries are refused' },
  redelivered: { from: 13.3, to: 13.9, what: 'Nylas sends again what we refused' },
  destinationFailing: { from: 13.25, to: 13.75, what: 'Nylas calls our destination failing' },
  recovery: { from: 14, to: 14.4, what: 'what was missed is read again' },
  passwords: { from: 15.5, to: 15.8, what: 'an administrator resets the passwords of a Microsoft tenant' },
  signIns: { from: 15.8, to: 24, what: 'people sign in again, one by one' },
  imap: { from: 6, to: 24, what: 'IMAP accounts of one host stop to sync' },
  secret: { from: 17, to: 17.4, what: 'the webhook secret was rotated and not deployed' },
  handler: { from: 18.5, to: 19.2, what: 'a handler throws for contacts' },
  redriven: { from: 20.5, to: 24, what: 'dead letters were redriven' },
  batch: {
    from: 21,
    to: 21.6,
    what: 'a nightly job asks for everything at once and meets the limits of Nylas',
  },
  hook: { from: 22, to: 22.15, what: 'a hook of ours throws three times' },
} as const satisfies Readonly<Record<string, Chapter>>;

/** 1 within a chapter, 0 outside of it, with edges of three minutes. */
export function within({ from, to }: Stretch, hour: number): number {
  const edge = 0.05;
  return clamp((hour - from) / edge) * clamp((to - hour) / edge);
}

/** 1 within, 0 outside, at once. */
export function during({ from, to }: Stretch, hour: number): boolean {
  return hour >= from && hour < to;
}

function clamp(value: number): number {
  return Math.max(0, Math.min(1, value));
}
