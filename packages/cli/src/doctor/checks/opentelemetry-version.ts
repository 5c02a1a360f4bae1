import { compareVersions, installedVersion } from '../../init/installed.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';

export const openTelemetryVersion: Check = {
  name: 'opentelemetry',
  looksAt:
    'the OpenTelemetry packages in this folder: lines that do not go together, versions that nylas-otel cannot use',
  async run({ context: { cwd } }) {
    const version = (name: string): string | undefined => installedVersion(cwd, `@opentelemetry/${name}`);
    const api = version('api');
    if (api === undefined) return skip('OpenTelemetry is not installed in this folder.');
    if (compareVersions(api, '1.9.0') < 0) {
      return fail(`@opentelemetry/api ${api} is too old.`, 'Install @opentelemetry/api@^1.9.0.');
    }
    const sdkNode = version('sdk-node');
    const instrumentation = version('instrumentation');
    const metrics = version('sdk-metrics');
    const words = [
      `api ${api}`,
      ...(sdkNode === undefined ? [] : [`sdk-node ${sdkNode}`]),
      ...(metrics === undefined ? [] : [`sdk-metrics ${metrics}`]),
    ].join(', ');
    if (instrumentation !== undefined && compareVersions(instrumentation, '0.200.0') < 0) {
      return fail(
        `@opentelemetry/instrumentation ${instrumentation} is of the 1.x line.`,
        'Use OpenTelemetry JS 2.x or 3.x.',
      );
    }
    if (sdkNode !== undefined && metrics !== undefined && lineOf(sdkNode) !== Number(metrics.split('.')[0])) {
      return fail(
        `${words}: two lines of OpenTelemetry JS in one application; what one records the other does not export.`,
        'Take sdk-node 0.200 to 0.299 with 2.x packages, or 0.300 and newer with 3.x packages.',
      );
    }
    if (
      sdkNode !== undefined &&
      lineOf(sdkNode) === 3 &&
      compareVersions(process.versions.node, '22.15.0') < 0
    ) {
      return fail(`${words} need Node 22.15.`, 'Use a newer Node, or OpenTelemetry JS 2.x.');
    }
    if (
      sdkNode !== undefined &&
      installedVersion(cwd, '@nylas-otel/node') !== undefined &&
      lineOf(sdkNode) === 2
    ) {
      return warn(
        `${words}, beside the preset @nylas-otel/node, which brings 3.x.`,
        'Use withNylas() of @nylas-otel/instrumentation in your own SDK instead of the preset.',
      );
    }
    return pass(`${words}.`);
  },
};

/** The line that an experimental package of that version belongs to. */
function lineOf(version: string): number {
  const minor = Number(version.split('.')[1]);
  if (minor >= 300) return 3;
  return minor >= 200 ? 2 : 1;
}
