import type { Tone } from '../terminal/output.ts';
import { counted } from '../terminal/words.ts';

/** What an exporter tells of Nylas's status page. */
export interface PlatformStatus {
  readonly components?: readonly { readonly name: string; readonly status: string }[];
  readonly incidents: readonly { readonly impact: string }[];
  readonly problem?: string;
}

/** Nylas's status page in a line. The names of incidents are not kept: they are on the page. */
export function platformInWords(
  { components = [], incidents, problem }: PlatformStatus,
  page: string,
): { readonly words: string; readonly tone?: Tone } {
  if (problem !== undefined)
    return { words: `its status page cannot be read (${problem}): ${page}`, tone: 'warning' };
  const impaired = components.filter(({ status }) => !FINE.has(status));
  if (incidents.length === 0 && impaired.length === 0) return { words: 'no incident', tone: 'good' };
  const parts = [
    ...(incidents.length === 0
      ? []
      : [`${counted(incidents.length, 'incident')} (${incidents.map(({ impact }) => impact).join(', ')})`]),
    ...impaired.map(({ name, status }) => `${name} ${status}`),
  ];
  return { words: `${parts.join('; ')}; see ${page}`, tone: 'bad' };
}

const FINE: ReadonlySet<string> = new Set(['operational', 'unknown']);
