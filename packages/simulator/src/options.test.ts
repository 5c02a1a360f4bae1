import { describe, expect, it } from 'vitest';
import { DOCUMENTED_LIMITS, resolveOptions, type SimulatorOptions } from './options.ts';
import { SimulatorError } from './simulator-error.ts';
import { derivedSecrets } from './world.ts';

const resolve = (options: unknown) => resolveOptions(options as SimulatorOptions, derivedSecrets);

describe('options', () => {
  it('have defaults', () => {
    expect(resolve({})).toMatchObject({
      port: 0,
      host: '127.0.0.1',
      grants: 3,
      accounts: 3,
      region: 'us',
      keyRegion: 'us',
      latency: { minMs: 0, maxMs: 0 },
      limits: DOCUMENTED_LIMITS,
    });
    expect(resolve({ port: undefined, limits: { adminPerSecond: undefined } }).limits).toEqual(
      DOCUMENTED_LIMITS,
    );
  });

  it('take the documented limits from the facts', () => {
    expect(DOCUMENTED_LIMITS).toEqual({
      adminPerSecond: 50,
      grantPerSecond: 200,
      multipartSendPerSecond: 10,
      microsoftConcurrent: 4,
      v2ApplicationPerSecond: 500,
      v2AccountPerSecond: 50,
      v2ListConcurrent: 5,
      v2DeltaConcurrent: 10,
      v2IpAddressesPerHour: 10,
    });
  });

  it('derive keys from the seed, and let others win', () => {
    expect(resolve({ seed: 1 }).apiKey).not.toBe(resolve({ seed: 2 }).apiKey);
    expect(resolve({ apiKey: 'mine' }).apiKey).toBe('mine');
    expect(resolve({ region: 'eu' }).keyRegion).toBe('eu');
  });

  // biome-ignore format: a table
  it.each([
    [{ prot: 1 }, 'unknown option prot; known are port, host'],
    [{ port: '80' }, 'option port is of type string; give a whole number from 0 to 65535'],
    [{ port: -1 }, 'option port is the number -1; give a whole number'],
    [{ grants: -1 }, 'option grants is the number -1; give a whole number from 0'],
    [{ grants: 'many' }, 'option grants is of type string; give a number or an array'],
    [{ grants: [{ provider: 'fax' }] }, 'option grants[0].provider is of type string; give one of google'],
    [{ accounts: [{ syncState: 'ok' }] }, 'option accounts[0].syncState is of type string; give one of running'],
    [{ region: 'mars' }, 'option region is of type string; give one of us, eu'],
    [{ limits: { adminPerSecond: 0 } }, 'option limits.adminPerSecond is the number 0'],
    [{ limits: 'all' }, 'option limits is of type string; give an object'],
    [{ latency: { minMs: 5, maxMs: 1 } }, 'option latency.maxMs is the number 1; give a number that is not below minMs'],
    [{ clock: 5 }, 'option clock is the number 5; give a function'],
    [{ clock: { scale: -1 } }, 'option clock.scale is the number -1; give a number from 0 to 1000000'],
    [{ clock: { speed: 2 } }, 'unknown option clock.speed; known are scale, start'],
    [{ tls: 'yes' }, 'option tls is of type string; give true or false'],
    [{ apiKey: '' }, 'option apiKey is of type string; give a text that is not empty'],
    [{ objects: { mails: 1 } }, 'unknown option objects.mails; known are messages'],
    [null, 'the value is null; give an object'],
  ])('%j is refused: %s', (options, message) => {
    expect(() => resolve(options)).toThrow(SimulatorError);
    expect(() => resolve(options)).toThrow(message);
  });

  it('never print the value, which may be a secret', () => {
    expect(() => resolve({ port: 'nyk_v0_secret' })).toThrow(expect.not.stringContaining('secret') as never);
  });
});
