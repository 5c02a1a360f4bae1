import type { RulesConfig } from './config.ts';

/** Keys of the configuration that hold seconds. */
const SECONDS = new Set([
  'absentFor',
  'age',
  'base',
  'day',
  'errorWindow',
  'fastFor',
  'for',
  'from',
  'gone',
  'interval',
  'long',
  'overflowFor',
  'past',
  'period',
  'pollWindow',
  'short',
  'slowFor',
  'v2',
  'v3',
  'week',
  'window',
]);

/** The same rules with every duration so much shorter, at least a second: what takes an hour is seen in a minute. */
export function shortened(config: RulesConfig, factor: number): RulesConfig {
  return shorter(config, factor) as RulesConfig;
}

function shorter(value: unknown, factor: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shorter(item, factor));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECONDS.has(key) && typeof item === 'number'
        ? Math.max(1, Math.round(item * factor))
        : shorter(item, factor),
    ]),
  );
}
