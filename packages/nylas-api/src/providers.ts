/** The values of `nylas.provider`. `other`: a provider we do not know; `unknown`: nobody said which. */
export const PROVIDERS: readonly string[] = [
  'google',
  'microsoft',
  'imap',
  'ews',
  'icloud',
  'yahoo',
  'exchange',
  'zoom',
  'virtual-calendar',
  'nylas',
  'other',
  'unknown',
];

// v2 spellings, and providers that the v2 engine runs as plain IMAP (`custom`, `aol`, ...; sync-engine providers.py).
const LABELS = new Map<string, string>([
  ...PROVIDERS.map((provider): [string, string] => [provider, provider]),
  ['gmail', 'google'],
  ['office365', 'microsoft'],
  ['o365', 'microsoft'],
  ['outlook', 'microsoft'],
  ['hotmail', 'microsoft'],
  ['live', 'microsoft'],
  ['graph', 'microsoft'],
  ['eas', 'exchange'],
  ['virtual_calendar', 'virtual-calendar'],
  ['custom', 'imap'],
  ['generic', 'imap'],
  ['aol', 'imap'],
  ['fastmail', 'imap'],
  ['gmx', 'imap'],
  ['yandex', 'imap'],
  ['zimbra', 'imap'],
]);

/**
 * The provider as a metric label: one of {@link PROVIDERS}, whatever spelling Nylas used (`gmail` is `google`,
 * `office365` is `microsoft`, `eas` is `exchange`).
 *
 * @param raw Nylas's value, in any case. `undefined` and the empty string are `unknown`, an unlisted one is `other`.
 */
export function providerLabel(raw: string | undefined): string {
  if (raw === undefined || raw === '') return 'unknown';
  const known = LABELS.get(raw);
  if (known !== undefined || raw.length > 32) return known ?? 'other';
  return LABELS.get(raw.trim().toLowerCase()) ?? 'other';
}
