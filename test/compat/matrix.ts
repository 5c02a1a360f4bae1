import {
  NODES,
  type NodeVersion,
  OPENTELEMETRY,
  type OpenTelemetryLine,
  SDKS,
  type SdkVersion,
} from './axes.ts';
import { STYLES, type Style } from './styles.ts';

/** A combination before anything is installed for it. */
export interface Combination {
  readonly label: string;
  readonly node: NodeVersion;
  readonly line: OpenTelemetryLine;
  readonly sdk: SdkVersion;
  readonly style: Style;
  /** Why there is no such application; undefined where it is run. */
  readonly excluded: string | undefined;
}

/** Every combination of Node, OpenTelemetry line, SDK and style, those that cannot be included. */
export function combinations(): Combination[] {
  return OPENTELEMETRY.flatMap((line) =>
    SDKS.flatMap((sdk) =>
      STYLES.flatMap((style) =>
        NODES.map((node) => ({
          label: `nylas ${sdk}, OpenTelemetry ${line.name}, Node ${node}, ${style.name}`,
          node,
          line,
          sdk,
          style,
          excluded: exclusion(node, line, sdk, style),
        })),
      ),
    ),
  );
}

function exclusion(
  node: NodeVersion,
  line: OpenTelemetryLine,
  sdk: SdkVersion,
  style: Style,
): string | undefined {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = line.oldestNode;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor))
    return `OpenTelemetry ${line.name} needs Node ${oldestMajor}.${oldestMinor}`;
  return style.excluded?.(node, line, sdk);
}
