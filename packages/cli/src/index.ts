export { EXIT_CODES, type ExitName } from './exit-codes.ts';
export { run, type World } from './main.ts';
export { configSchema, type JsonSchema } from './options/config-schema.ts';
export type { OptionKey, Settings } from './options/settings.ts';
export type { Stream } from './terminal/output.ts';
