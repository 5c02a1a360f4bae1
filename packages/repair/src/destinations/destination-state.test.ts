import type { WebhookStatus } from '@nylas-otel/semantic-conventions';
import { describe, expect, it } from 'vitest';
import { type DestinationReading, destinationsPath, readDestinations } from './destination-list.ts';
import { destinationLabel, type KnownDestination, mergeDestinations } from './destination-state.ts';

const NOW = 1_700_000_000_000;
const reading = (
  id: string,
  status: WebhookStatus | undefined,
  more: Partial<DestinationReading> = {},
): DestinationReading => ({
  id,
  status,
  createdAt: undefined,
  statusSince: undefined,
  url: undefined,
  ...more,
});
const follow = (...lists: readonly DestinationReading[][]) => {
  let known: readonly KnownDestination[] = [];
  const all = lists.map((list, minute) => {
    const merged = mergeDestinations(known, list, NOW + minute * 60_000);
    known = merged.destinations;
    return merged.transitions;
  });
  return { known, transitions: all };
};

describe('a list of destinations', () => {
  it('is read from the envelope of v3 and the bare array of v2', () => {
    expect(
      readDestinations('v3', {
        data: [
          { id: 'a', status: 'failing', webhook_url: 'https://x', status_updated_at: 5, created_at: 4 },
          null,
        ],
        next_cursor: 'c',
      }),
    ).toEqual({
      destinations: [{ id: 'a', status: 'failing', url: 'https://x', statusSince: 5_000, createdAt: 4_000 }],
      nextCursor: 'c',
    });
    expect(readDestinations('v2', [{ id: 'a', state: 'inactive', callback_url: 'https://x' }])).toEqual({
      destinations: [reading('a', 'pause', { url: 'https://x' })],
      nextCursor: undefined,
    });
    for (const body of [null, 'x', {}, { data: {} }]) expect(readDestinations('v3', body)).toBeUndefined();
    expect(readDestinations('v2', { data: [] })).toBeUndefined();
  });

  it('is asked for under the client id on v2, page by page on v3', () => {
    expect(destinationsPath('v2', 'c/1', undefined)).toBe('/a/c%2F1/webhooks');
    expect(destinationsPath('v3', undefined, 'p 2')).toBe('/v3/webhooks?limit=200&page_token=p%202');
  });
});

describe('what is known of destinations', () => {
  it('says nothing of one that is fine when first seen, but of one in trouble', () => {
    expect(follow([reading('a', 'active')]).transitions).toEqual([[]]);
    expect(follow([reading('a', 'failing')]).transitions[0]).toMatchObject([
      { from: undefined, to: 'failing' },
    ]);
  });

  it('remembers the trouble from failing over failed until active', () => {
    const { transitions } = follow(
      [reading('a', 'active')],
      [reading('a', 'failing', { statusSince: NOW + 30_000 })],
      [reading('a', 'failed')],
      [reading('a', 'active')],
      [reading('a', 'active')],
    );
    expect(transitions.map(([one]) => one && [one.from, one.to, one.trouble])).toEqual([
      undefined,
      ['active', 'failing', undefined],
      ['failing', 'failed', undefined],
      ['failed', 'active', NOW + 30_000],
      undefined,
    ]);
  });

  it('takes a pause for neither the begin nor the end of trouble', () => {
    const paused = follow([reading('a', 'active')], [reading('a', 'pause')], [reading('a', 'active')]);
    expect(paused.transitions[2]?.[0]?.trouble).toBeUndefined();
    const failed = follow([reading('a', 'failed')], [reading('a', 'pause')], [reading('a', 'active')]);
    expect(failed.transitions[2]?.[0]?.trouble).toBe(NOW);
  });

  it('takes one that is gone after it had failed for the end of the trouble', () => {
    const { transitions } = follow(
      [reading('a', 'failed')],
      [reading('b', 'active')],
      [reading('b', 'active')],
    );
    expect(transitions.map(([one]) => one && [one.from, one.to, one.trouble])).toEqual([
      [undefined, 'failed', undefined],
      ['failed', undefined, NOW],
      undefined,
    ]);
  });

  it('numbers destinations by age, and never gives a number to another one', () => {
    const { known } = follow(
      [reading('new', 'active', { createdAt: 2 }), reading('old', 'active', { createdAt: 1 })],
      [reading('new', 'active', { createdAt: 2 }), reading('newest', 'active', { createdAt: 3 })],
    );
    expect(known.map(({ id, ordinal, listed }) => [id, ordinal, listed])).toEqual([
      ['old', 1, false],
      ['new', 2, true],
      ['newest', 3, true],
    ]);
  });

  it('is labelled by alias or ordinal, `other` beyond 50', () => {
    const at = (ordinal: number): KnownDestination => ({
      id: 'secret-id',
      ordinal,
      status: 'active',
      since: NOW,
      troubleSince: undefined,
      listed: true,
    });
    expect(destinationLabel(at(3), {})).toBe('3');
    expect(destinationLabel(at(3), { 'secret-id': 'main' })).toBe('main');
    expect(destinationLabel(at(51), { 'secret-id': 'main' })).toBe('other');
  });
});
