import { Router } from 'express';
import { nylas } from '../nylas.ts';

/** What the scheduling page asks for. */
export const scheduling = Router();

/** When the people of `{ emails, start, end }` are busy, in Unix seconds. */
scheduling.post('/:grantId/free-busy', async (request, response) => {
  const { emails, start, end } = request.body as { emails: string[]; start: number; end: number };
  const { data } = await nylas.calendars.getFreeBusy({
    identifier: request.params.grantId,
    requestBody: { emails, startTime: start, endTime: end },
  });
  response.json(data.map((person) => ('timeSlots' in person ? person.timeSlots : [])));
});
