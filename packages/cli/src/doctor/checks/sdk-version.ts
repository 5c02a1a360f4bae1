import { compareVersions, installedVersion } from '../../init/installed.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';

/** Releases of the `nylas` package that bite, newest trouble last. */
const TRAPS: readonly {
  readonly from: string;
  readonly before: string;
  readonly severe: boolean;
  readonly what: string;
  readonly fix: string;
}[] = [
  {
    from: '6.0.0',
    before: '6.11.0',
    severe: false,
    what: 'its time-out option does nothing (issue #489), so a call may hang for ever',
    fix: 'Use nylas 6.11 or newer, or better 8.x: API v2 is at its end.',
  },
  {
    from: '7.0.0',
    before: '7.5.1',
    severe: true,
    what: 'a time-out is thrown inside a timer and ends the process',
    fix: 'Use nylas 7.5.1 or newer.',
  },
  {
    from: '7.0.0',
    before: '7.8.0',
    severe: false,
    what: 'errors carry no response headers, so request ids are read from bodies only',
    fix: 'Use nylas 7.8 or newer.',
  },
  {
    from: '7.12.0',
    before: '7.13.1',
    severe: true,
    what: 'require("nylas") is no constructor',
    fix: 'Use nylas 7.13.1 or newer.',
  },
  {
    from: '7.13.3',
    before: '7.13.4',
    severe: true,
    what: 'attachments.downloadBytes throws under CommonJS on Node 18 and newer',
    fix: 'Use nylas 8.x.',
  },
];

export const sdkVersion: Check = {
  name: 'nylas-sdk',
  looksAt: 'the version of the nylas package in this folder, for releases with known traps',
  async run({ context: { cwd } }) {
    const version = installedVersion(cwd, 'nylas');
    if (version === undefined) return skip('The nylas package is not installed in this folder.');
    const traps = TRAPS.filter(
      ({ from, before }) => compareVersions(version, from) >= 0 && compareVersions(version, before) < 0,
    );
    if (traps.length === 0) {
      const major = Number(version.split('.')[0]);
      return major === 6
        ? warn(`nylas ${version} speaks API v2 only.`, 'Plan for nylas 8.x and API v3.')
        : pass(`nylas ${version}.`);
    }
    const words = `nylas ${version}: ${traps.map(({ what }) => what).join('; ')}.`;
    const worst = traps.find(({ severe }) => severe);
    return worst === undefined ? warn(words, traps[0]?.fix ?? '') : fail(words, worst.fix);
  },
};
