import { is } from '../data/filters.ts';
import { emptyKind, type Owner } from '../data/mailbox.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { resourceRoutes } from './resource-routes.ts';

const notetakers = emptyKind('v3.notetaker', 49);

/** Notetakers exist for a grant and for the application alone, under two paths. */
function notetakerRoutesAt(template: string, owner: (x: Exchange) => Owner): Route[] {
  const one = `${template}/{notetaker_id}`;
  const changeState = (state: string, answer: (x: Exchange, id: string) => Reply) => {
    return (x: Exchange): Reply => {
      const id = x.param('notetaker_id');
      return x.world.mailboxes.update(notetakers, owner(x), id, { state }) === undefined
        ? x.missing()
        : answer(x, id);
    };
  };
  return [
    ...resourceRoutes({
      template,
      parameter: 'notetaker_id',
      kind: () => notetakers,
      owner,
      filters: { state: is.exactly('state') },
      operations: ['list', 'create', 'find', 'update', 'destroy'],
      updateMethods: ['PATCH'],
      check: ({ meeting_link: link }) =>
        typeof link === 'string' && URL.canParse(link) ? undefined : 'meeting_link must be a URL',
      defaults: (x) => ({
        object: 'notetaker',
        name: 'Nylas Notetaker',
        join_time: x.world.seconds(),
        meeting_provider: 'Google Meet',
        state: 'scheduled',
        meeting_settings: { video_recording: true, audio_recording: true, transcription: true },
      }),
    }),
    {
      method: 'DELETE',
      template: `${one}/cancel`,
      handle: (x) =>
        x.world.mailboxes.remove(notetakers, owner(x), x.param('notetaker_id')) ? x.done() : x.missing(),
    },
    {
      method: 'POST',
      template: `${one}/leave`,
      handle: changeState('media_processing', (x, id) =>
        x.item({ id, message: 'Notetaker is leaving the meeting' }, 202),
      ),
    },
    {
      method: 'GET',
      template: `${one}/media`,
      handle: (x) => {
        if (x.world.mailboxes.find(notetakers, owner(x), x.param('notetaker_id')) === undefined)
          return x.missing();
        const now = x.world.seconds();
        const file = (name: string, type: string): object => ({
          name,
          type,
          size: 1024,
          url: `https://media.example.com/${name}`,
          created_at: now,
          expires_at: now + 3600,
          ttl: 3600,
        });
        return x.item({
          recording: file('meeting.mp4', 'video/mp4'),
          transcript: file('transcript.json', 'application/json'),
        });
      },
    },
  ];
}

/** Notetakers of a grant and of the application. */
export const notetakerRoutes: readonly Route[] = [
  ...notetakerRoutesAt('/v3/grants/{grant_id}/notetakers', (x) => x.mailbox),
  ...notetakerRoutesAt('/v3/notetakers', (x) => x.world.application),
];
