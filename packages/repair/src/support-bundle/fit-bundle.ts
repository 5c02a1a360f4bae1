import type { SupportBundle } from './bundle.ts';
import { bundleMarkdown } from './bundle-markdown.ts';

/** Most bytes of either form: mail servers and ticket systems take 1 MB. */
const MOST_BUNDLE_BYTES = 1_000_000;

// What is cut, and to how much of it at each round; the newest of a log and the begin of a text are kept.
const ROUNDS: readonly number[] = [400_000, 200_000, 100_000, 50_000, 20_000, 5_000, 1_000];

/** Cuts a bundle until both of its forms are under 1 MB, and says in its warnings what was cut. */
export function fitBundle(bundle: SupportBundle): SupportBundle {
  if (fits(bundle)) return bundle;
  for (const most of ROUNDS) {
    const cut = cutTo(bundle, most);
    if (fits(cut)) return cut;
  }
  const { history, errors, tried } = bundle;
  return {
    ...cutTo(bundle, 1_000),
    history: history.slice(0, 20),
    errors: errors.slice(-20).map((error) => ({ ...error, message: error.message?.slice(0, 200) })),
    tried: tried.slice(-20).map((step) => ({ ...step, text: step.text.slice(0, 1_000) })),
  };
}

function fits(bundle: SupportBundle): boolean {
  return (
    Buffer.byteLength(JSON.stringify(bundle, null, 2)) < MOST_BUNDLE_BYTES &&
    Buffer.byteLength(bundleMarkdown(bundle)) < MOST_BUNDLE_BYTES
  );
}

function cutTo(bundle: SupportBundle, most: number): SupportBundle {
  const warnings = [...bundle.warnings];
  const cut = (name: string, text: string | undefined, side: 'begin' | 'end'): string | undefined => {
    if (text === undefined || text.length <= most) return text;
    warnings.push(`${name} is cut to ${most} characters (of ${text.length}): its ${side} is here.`);
    return side === 'end' ? text.slice(-most) : text.slice(0, most);
  };
  const perStep = Math.max(200, Math.floor(most / 50));
  return {
    ...bundle,
    syncLog: cut('The sync log', bundle.syncLog, 'end'),
    code: cut('The code', bundle.code, 'begin'),
    userSees: cut('What the user sees', bundle.userSees, 'begin'),
    settingsChanged: cut('What the user changed', bundle.settingsChanged, 'begin'),
    reproduction: cut('The way to reproduce', bundle.reproduction, 'begin'),
    tried: bundle.tried.map((step) => ({ ...step, text: step.text.slice(0, perStep) })),
    warnings,
  };
}
