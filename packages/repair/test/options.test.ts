import { describe, expect, it } from 'vitest';
import {
  createAccountMonitor,
  errorLog,
  NylasAccountsConfigError,
  recover,
  startRecovery,
  supportBundle,
  watchDestinations,
  watchPlatform,
} from '../src/index.ts';
import { FakeDatabase } from './fake-store.ts';

const SECRET = 'nyk_v0_verysecret';
const store = new FakeDatabase(() => 0).open();
const v3 = { apiKey: SECRET, store };
const v2 = { clientId: 'id', clientSecret: SECRET, store };
const reauth = { clientId: 'id', redirectUri: 'https://app.example.com/callback' };
const people = { reauth, onReauthenticationNeeded: () => {} };
const gap = { since: new Date(0) };

const CALLS = {
  createAccountMonitor,
  startRecovery,
  recover,
  supportBundle,
  errorLog,
  watchDestinations,
  watchPlatform,
} as unknown as Record<string, (options: unknown) => unknown>;

async function errorOf(by: string, options: unknown): Promise<NylasAccountsConfigError> {
  try {
    await CALLS[by]?.(options);
  } catch (error) {
    if (error instanceof NylasAccountsConfigError) return error;
    throw error;
  }
  throw new Error('the options were taken');
}

/** The option that must be named, what was given, and the words for the type of it. */
const WRONG: Record<string, readonly (readonly [option: string, options: unknown, got: string])[]> = {
  createAccountMonitor: [
    ['options', undefined, 'nothing'],
    ['apiKey', { store }, 'nothing'],
    ['store', { apiKey: SECRET }, 'nothing'],
    ['store', { apiKey: SECRET, store: 'postgresql://x' }, 'a string'],
    ['storage', { ...v3, storage: 1 }, ''],
    ['application', { ...v3, application: 'another' }, ''],
    ['sweepInterval', { ...v3, sweepInterval: '1h' }, 'a string'],
    ['accountSeries.max', { ...v3, accountSeries: { max: 501 } }, 'the number 501'],
    ['timeout', { ...v3, timeout: 120 }, 'the number 120'],
    ['onReauthenticationNeeded', { ...v3, onReauthenticationNeeded: 'mail' }, 'a string'],
    ['onReauthenticationNeeded', { ...v3, reauth, repair: { dryRun: false } }, 'nothing'],
    ['onEscalation', { ...v3, onEscalation: {} }, 'an object'],
    ['getAccessToken', { ...v2, getAccessToken: SECRET }, 'a string'],
    ['reauth', { ...v3, reauth: 'https://app' }, 'a string'],
    ['reauth', { ...v3, onReauthenticationNeeded: () => {}, repair: { dryRun: false } }, 'nothing'],
    ['reauth.clientId', { ...v3, reauth: { redirectUri: 'https://app' } }, 'nothing'],
    ['reauth.redirectUri', { ...v3, reauth: { ...reauth, redirectUri: 7 } }, 'a number'],
    ['reauth.redirectUri', { ...v3, reauth: { ...reauth, redirectUri: 'callback' } }, 'a string'],
    ['reauth.scopes', { ...v3, reauth: { ...reauth, scopes: 'email' } }, 'a string'],
    ['reauth.scopes', { ...v3, reauth: { ...reauth, scopes: [1] } }, 'a number'],
    ['reauth.state', { ...v3, reauth: { ...reauth, state: 'mine' } }, 'a string'],
    ['reauth.uri', { ...v3, reauth: { ...reauth, uri: 'x' } }, ''],
    ['repair', { ...v3, repair: true }, 'a boolean'],
    ['repair.dry_run', { ...v3, repair: { dry_run: false } }, ''],
    ['repair.dryRun', { ...v3, repair: { dryRun: 'no' } }, 'a string'],
    ['repair.revokeTokens', { ...v2, ...people, repair: { dryRun: false, revokeTokens: true } }, 'nothing'],
    ['repair.revokeTokens', { ...v2, repair: { revokeTokens: 1 } }, 'a number'],
    ['repair.flapTime', { ...v3, repair: { flapTime: -1 } }, 'the number -1'],
    ['repair.restartEvery', { ...v3, repair: { restartEvery: 60 } }, 'the number 60'],
    ['repair.settleTime', { ...v3, repair: { settleTime: null } }, 'null'],
    ['repair.remindEvery', { ...v3, repair: { remindEvery: 3_600 } }, 'the number 3600'],
    ['repair.mostPrompts', { ...v3, repair: { mostPrompts: Number.NaN } }, 'the number NaN'],
    ['repair.checkEvery', { ...v3, repair: { checkEvery: [] } }, 'an array'],
    ['repair.partialTime', { ...v3, repair: { partialTime: 'day' } }, 'a string'],
    ['repair.actionsPerMinute', { ...v3, repair: { actionsPerMinute: 0 } }, 'the number 0'],
    ['repair.massFailure', { ...v3, repair: { massFailure: 50 } }, 'a number'],
    ['repair.massFailure.accounts', { ...v3, repair: { massFailure: { accounts: '20' } } }, 'a string'],
    ['repair.massFailure.share', { ...v3, repair: { massFailure: { share: 5 } } }, 'the number 5'],
    ['repair.massFailure.within', { ...v3, repair: { massFailure: { within: 1 } } }, 'the number 1'],
    ['destinations', { ...v3, destinations: 'all' }, 'a string'],
    ['destinations.interval', { ...v3, destinations: { interval: '1m' } }, 'a string'],
    ['platform', { ...v3, platform: null }, 'null'],
    ['platform.page', { ...v3, platform: { page: 'status' } }, 'a string'],
    ['recovery', { ...v3, recovery: 1 }, 'a number'],
    ['recovery.share', { ...v3, recovery: { share: 0.9 } }, 'the number 0.9'],
    ['recovery.silence.expected', { ...v3, recovery: { silence: { expected: '12' } } }, 'a string'],
    ['recovery.getAccessToken', { ...v2, recovery: true }, 'nothing'],
  ],
  startRecovery: [
    ['options', 5, 'a number'],
    ['store', { apiKey: SECRET, store: {} }, 'an object'],
    ['apiKey', { store, apiKey: 7 }, 'a number'],
    ['resources', { ...v3, resources: 'messages' }, 'a string'],
    ['resources', { ...v3, resources: ['mails'] }, 'an array'],
    ['unfiltered', { ...v3, unfiltered: true }, 'a boolean'],
    ['requestsPerSecond', { ...v3, requestsPerSecond: 0 }, 'the number 0'],
    ['concurrency', { ...v3, concurrency: '8' }, 'a string'],
    ['getAccessToken', v2, 'nothing'],
    ['applicationId', { ...v3, applicationId: 1 }, 'a number'],
    ['onProgress', { ...v3, onProgress: console }, 'an object'],
    ['settle', { ...v3, settle: '20m' }, 'a string'],
    ['leastGap', { ...v3, leastGap: -1 }, 'the number -1'],
    ['silence', { ...v3, silence: true }, 'a boolean'],
    ['silence.leastHours', { ...v3, silence: { leastHours: 0 } }, 'the number 0'],
    ['silence.least', { ...v3, silence: { least: 1 } }, ''],
    ['since', { ...v3, ...gap }, ''],
  ],
  recover: [
    ['since', v3, 'nothing'],
    ['since', { ...v3, since: '2026-11-26' }, 'a string'],
    ['since', { ...v3, since: new Date(Number.NaN) }, 'an invalid one'],
    ['since', { ...v3, since: new Date(20), until: new Date(10) }, ''],
    ['until', { ...v3, ...gap, until: 5 }, 'a number'],
    ['accounts', { ...v3, ...gap, accounts: 'id' }, 'a string'],
    ['dryRun', { ...v3, ...gap, dryRun: 'yes' }, 'a string'],
    ['signal', { ...v3, ...gap, signal: new AbortController() }, 'an object'],
    ['settle', { ...v3, ...gap, settle: 1 }, ''],
  ],
  supportBundle: [
    ['account', {}, 'nothing'],
    ['account', { account: 7 }, 'a number'],
    ['store', { account: 'a', store: null }, 'null'],
    ['errorLog', { account: 'a', errorLog: errorLog }, 'a function'],
    ['since', { account: 'a', since: 'yesterday' }, 'a string'],
    ['now', { account: 'a', now: 1 }, 'a number'],
    ['messageIds', { account: 'a', messageIds: 'id' }, 'a string'],
    ['messageIds', { account: 'a', messageIds: ['has space'] }, 'a string'],
    ['syncLog', { account: 'a', syncLog: ['line'] }, 'an array'],
    ['userSees', { account: 'a', userSees: 1 }, 'a number'],
    ['code', { account: 'a', code: () => {} }, 'a function'],
    ['versions', { account: 'a', versions: '8' }, 'a string'],
    ['versions.nylas', { account: 'a', versions: { nylas: 8 } }, 'a number'],
    ['secrets', { account: 'a', secrets: SECRET }, 'a string'],
    ['log', { account: 'a', log: 'x' }, ''],
  ],
  errorLog: [
    ['options', undefined, 'nothing'],
    ['path', {}, 'nothing'],
    ['maxBytes', { path: 'x', maxBytes: '10M' }, 'a string'],
    ['keep', { path: 'x', keep: 0 }, 'the number 0'],
    ['file', { path: 'x', file: 'y' }, ''],
  ],
  watchDestinations: [
    ['apiKey', {}, 'nothing'],
    ['store', { ...v3, store: 1 }, 'a number'],
    ['interval', { ...v3, interval: 1 }, 'the number 1'],
    ['aliases', { ...v3, aliases: ['main'] }, 'an array'],
    ['aliases.a', { ...v3, aliases: { a: 'no good' } }, 'a string'],
    ['ours', { ...v3, ours: 'https://mine' }, 'a string'],
    ['onTransition', { ...v3, onTransition: {} }, 'an object'],
  ],
  watchPlatform: [
    ['store', { store: {} }, 'an object'],
    ['page', { page: 1 }, 'a number'],
    ['interval', { interval: '1m' }, 'a string'],
    ['timeout', { timeout: 0 }, 'the number 0'],
    ['application', { application: 'ben@example.com' }, 'a string'],
    ['fetch', { fetch: 'node-fetch' }, 'a string'],
    ['logger', { logger: {} }, 'an object'],
    ['url', { url: 'x' }, ''],
  ],
};

describe.each(Object.entries(WRONG))('%s', (by, wrong) => {
  it.each(wrong)(
    'refuses %s with a typed error: the option, the type of what was given, the fix',
    async (option, options, got) => {
      const error = await errorOf(by, options);
      expect(error.option).toBe(option);
      const [, problem = '', fix = ''] = /^\w+: (.+?\.) ([A-Z].+)$/.exec(error.message) ?? [];
      expect(error.message).toMatch(new RegExp(`^${by}: `));
      expect(problem).toContain(got);
      expect(fix).toMatch(/^(Give|Leave|Use|Options are|Did you mean|Known are|It begins)\b.*[.?]$/);
      expect(error.message).not.toContain(SECRET);
    },
  );
});
