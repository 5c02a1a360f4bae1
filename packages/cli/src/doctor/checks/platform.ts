import { errorInWords } from '../../errors.ts';
import { type Check, pass, skip, warn } from '../check.ts';

interface Summary {
  readonly status?: { readonly indicator?: unknown; readonly description?: unknown };
  readonly components?: readonly { readonly name?: unknown; readonly status?: unknown }[];
  readonly incidents?: readonly { readonly name?: unknown; readonly impact?: unknown }[];
}

export const platform: Check = {
  name: 'platform',
  looksAt: "what Nylas's own status page says",
  async run({ context: { settings }, fetch }) {
    const url = `${settings['nylas.status_url']}/api/v2/summary.json`;
    const response = await fetch(url);
    if (response instanceof Error)
      return skip(`${new URL(url).host} does not answer (${errorInWords(response)}).`);
    if (!response.ok) return skip(`${new URL(url).host} answers ${response.status}.`);
    const summary = (await response.json().catch(() => ({}))) as Summary;
    const broken = (summary.components ?? []).filter(({ status }) => status !== 'operational');
    const incidents = summary.incidents ?? [];
    if (incidents.length === 0 && broken.length === 0) return pass('Nylas says that all is operational.');
    const names = [
      ...incidents.map(({ name, impact }) => `${String(name)} (${String(impact)})`),
      ...broken.map(({ name, status }) => `${String(name)}: ${String(status)}`),
    ];
    return warn(
      `Nylas says: ${names.slice(0, 5).join('; ')}.`,
      'Wait before restarting accounts in bulk; see the status page.',
    );
  },
};
