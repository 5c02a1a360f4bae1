import type { RulesConfig } from '../config.ts';
export function boardsAsJson(_config: RulesConfig): Map<string, string> {
  return new Map();
}
