import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const here = createRequire(import.meta.url);
const sdk = createRequire(here.resolve('@opentelemetry/sdk-node'));
const shared = Object.keys(manifest.dependencies).filter((name) => canResolve(sdk, name));

it('has parts of the SDK to share', () => {
  expect(shared).toContain('@opentelemetry/sdk-metrics');
  expect(shared.length).toBeGreaterThan(5);
});

// A second copy costs a hundred modules at each start, and its classes are not those that NodeSDK knows.
it.each(shared)('%s is the copy that sdk-node has', (name) => {
  expect(here.resolve(name)).toBe(sdk.resolve(name));
});

function canResolve(from: NodeJS.Require, name: string): boolean {
  try {
    from.resolve(name);
    return true;
  } catch {
    return false;
  }
}
