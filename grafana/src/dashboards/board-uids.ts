/** The boards, by uid: part of links, bookmarks and alerts, so never changed. */
export const BOARD_UIDS = [
  'nylas-overview',
  'nylas-requests',
  'nylas-accounts',
  'nylas-webhooks',
  'nylas-limits',
  'nylas-platform',
  'nylas-slo',
  'nylas-telemetry',
] as const;
export type BoardUid = (typeof BOARD_UIDS)[number];
