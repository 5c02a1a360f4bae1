/**
 * The documented webhook triggers. v2: the SDK's list. v3: the OpenAPI and AsyncAPI documents, which together name more
 * than either (`message.intelligence.*` is in the second only).
 */
export const WEBHOOK_TRIGGERS: { readonly v2: readonly string[]; readonly v3: readonly string[] } = {
  v2: [
    'account.connected',
    'account.running',
    'account.stopped',
    'account.invalid',
    'account.sync_error',
    'message.bounced',
    'message.created',
    'message.opened',
    'message.updated',
    'message.link_clicked',
    'thread.replied',
    'contact.created',
    'contact.updated',
    'contact.deleted',
    'calendar.created',
    'calendar.updated',
    'calendar.deleted',
    'event.created',
    'event.updated',
    'event.deleted',
    'job.successful',
    'job.failed',
  ],
  v3: [
    'grant.created',
    'grant.updated',
    'grant.deleted',
    'grant.expired',
    'grant.imap_sync_completed',
    'message.created',
    'message.updated',
    'message.deleted',
    'message.created.cleaned',
    'message.send_success',
    'message.send_failed',
    'message.bounce_detected',
    'message.opened',
    'message.link_clicked',
    'message.opened.legacy',
    'message.link_clicked.legacy',
    'message.delivered',
    'message.bounced',
    'message.complaint',
    'message.rejected',
    'message.transactional.delivered',
    'message.transactional.bounced',
    'message.transactional.complaint',
    'message.transactional.rejected',
    'message.intelligence.order',
    'message.intelligence.tracking',
    'message.intelligence.return',
    'message.intelligence.travel',
    'thread.replied',
    'thread.replied.legacy',
    'event.created',
    'event.updated',
    'event.deleted',
    'calendar.created',
    'calendar.updated',
    'calendar.deleted',
    'folder.created',
    'folder.updated',
    'folder.deleted',
    'contact.updated',
    'contact.deleted',
    'booking.created',
    'booking.pending',
    'booking.rescheduled',
    'booking.cancelled',
    'booking.reminder',
    'notetaker.created',
    'notetaker.updated',
    'notetaker.deleted',
    'notetaker.meeting_state',
    'notetaker.media',
  ],
};

const documented: ReadonlySet<string> = new Set([...WEBHOOK_TRIGGERS.v2, ...WEBHOOK_TRIGGERS.v3]);

// What a delivery may add to the trigger that was subscribed to, in any combination.
const SUFFIXES = ['.truncated', '.transformed', '.metadata', '.cleaned'];

/**
 * The trigger that a delivered `type` belongs to: what was subscribed to, so what to route on.
 *
 * Suffixes that a delivery adds (`.truncated`, `.transformed`, `.metadata`, `.cleaned`) are taken off from the end
 * until a documented trigger is left. So `message.created.cleaned.transformed.truncated` is `message.created.cleaned`,
 * which is a trigger of its own (a separate subscription, a separate notification), while `message.updated.cleaned`,
 * which is none, is `message.updated`. An undocumented type loses its suffixes and is returned as it is.
 */
export function baseTrigger(type: string): string {
  let base = type;
  while (!documented.has(base)) {
    const suffix = SUFFIXES.find((candidate) => base.endsWith(candidate));
    if (suffix === undefined) return base;
    base = base.slice(0, -suffix.length);
  }
  return base;
}

/** The trigger as a metric label: the documented one that `type` belongs to, else `other`. */
export function triggerLabel(type: string): string {
  // Longer than any documented trigger with every suffix: not worth walking.
  if (type.length > 128) return 'other';
  const base = baseTrigger(type);
  return documented.has(base) ? base : 'other';
}

/**
 * Status codes after which Nylas delivers a notification again; after any other non-200 (500 among them) it does not.
 * 504 and 507 are in one of Nylas's two documents only.
 */
export const RETRYABLE_WEBHOOK_STATUS: readonly number[] = [408, 429, 502, 503, 504, 507];
