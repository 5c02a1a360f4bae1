const UNITS = [
  [7 * 86_400, 'w'],
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
  [1, 's'],
] as const;

/** Seconds as Prometheus writes a duration: 300 is `5m`, 5400 is `90m`, 0.5 is `500ms`. */
export function duration(seconds: number): string {
  if (!Number.isInteger(seconds)) return `${Math.round(seconds * 1000)}ms`;
  const [size, unit] = UNITS.find(([size]) => seconds !== 0 && seconds % size === 0) ?? [1, 's'];
  return `${seconds / size}${unit}`;
}
