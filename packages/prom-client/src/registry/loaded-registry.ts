import { createRequire } from 'node:module';
import { isRegistry, type PromRegistry } from './prom-registry.ts';

const CLIENT = /[\\/](?:prom-client|@prometheus-io[\\/]client)[\\/]index\.js$/;

/**
 * The global registries of the prom-client copies that the process has loaded. Both clients are CommonJS, so they are
 * in Node's module cache whether they were imported or required; nothing is loaded by looking. A bundled copy is not
 * found.
 */
export function loadedRegistries(): PromRegistry[] {
  // Any absolute path will do: every require function shares one cache.
  const { cache } = createRequire(process.execPath);
  const registries: PromRegistry[] = [];
  for (const [file, module] of Object.entries(cache)) {
    if (!CLIENT.test(file)) continue;
    const registry = (module?.exports as { readonly register?: unknown } | undefined)?.register;
    if (isRegistry(registry)) registries.push(registry);
  }
  return registries;
}
