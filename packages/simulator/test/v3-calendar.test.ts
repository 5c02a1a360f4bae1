import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Grant, type Simulator, startSimulator } from '../src/index.ts';
import { type NylasClient, rejection, V3_SDKS } from './sdks.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ grants: 4, attachmentBytes: 300_000, limits: false });
});
afterAll(() => simulator.close());

describe.each(V3_SDKS)('%s', (_name, Nylas) => {
  let nylas: NylasClient;
  let google: Grant;
  beforeEach(() => {
    simulator.reset();
    nylas = new Nylas({ apiKey: simulator.apiKey, apiUri: simulator.url, timeout: 10 });
    google = simulator.grants.list()[0] as Grant;
  });

  it('manages calendars; the primary one is the address', async () => {
    const identifier = google.id;
    const { data } = await nylas.calendars.list({ identifier });
    expect(data[0]).toMatchObject({ id: google.email, isPrimary: true });
    const found = await nylas.calendars.find({ identifier, calendarId: google.email });
    expect(found.data.isOwnedByUser).toBe(true);
    const created = await nylas.calendars.create({
      identifier,
      requestBody: { name: 'Team', timezone: 'UTC' },
    });
    const calendarId = created.data.id;
    await nylas.calendars.update({ identifier, calendarId, requestBody: { name: 'All' } });
    expect((await nylas.calendars.find({ identifier, calendarId })).data.name).toBe('All');
    await nylas.calendars.destroy({ identifier, calendarId });
    expect((await nylas.calendars.list({ identifier })).data).toHaveLength(2);
  });

  it('answers free-busy with an error per address, and availability', async () => {
    const span = { startTime: 1_767_225_600, endTime: 1_767_312_000 };
    const busy = await nylas.calendars.getFreeBusy({
      identifier: google.id,
      requestBody: { ...span, emails: [google.email, 'nobody@elsewhere.invalid'] },
    });
    expect(busy.data.map((one) => one.object)).toEqual(['free_busy', 'error']);
    const free = await nylas.calendars.getAvailability({
      requestBody: { ...span, durationMinutes: 30, participants: [{ email: google.email }] },
    });
    expect(free.data.order).toEqual([google.email]);
    expect(free.data.timeSlots.length).toBeGreaterThan(0);
  });

  it('manages events of a calendar', async () => {
    const identifier = google.id;
    const queryParams = { calendarId: google.email };
    const { data } = await nylas.events.list({ identifier, queryParams: { ...queryParams, limit: 200 } });
    expect(data).toHaveLength(40);
    expect(new Set(data.map((one) => one.calendarId))).toEqual(new Set([google.email]));
    const created = await nylas.events.create({
      identifier,
      queryParams,
      requestBody: { title: 'Lunch', when: { startTime: 1_767_225_600, endTime: 1_767_229_200 } },
    });
    expect(created.data.when).toMatchObject({ object: 'timespan' });
    const eventId = created.data.id;
    await nylas.events.update({ identifier, eventId, queryParams, requestBody: { title: 'Late lunch' } });
    expect((await nylas.events.find({ identifier, eventId, queryParams })).data.title).toBe('Late lunch');
    await nylas.events.sendRsvp({ identifier, eventId, queryParams, requestBody: { status: 'yes' } });
    const answered = await nylas.events.find({ identifier, eventId, queryParams });
    expect(answered.data.participants[0]).toMatchObject({ email: google.email, status: 'yes' });
    await nylas.events.destroy({ identifier, eventId, queryParams });
    expect((await rejection(nylas.events.find({ identifier, eventId, queryParams }))).statusCode).toBe(404);
    const imported = await nylas.events.listImportEvents({ identifier, queryParams });
    expect(imported.data.length).toBeGreaterThan(0);
    const without = nylas.events.list({ identifier, queryParams: {} as { calendarId: string } });
    expect((await rejection(without)).statusCode).toBe(400);
  });

  it('manages contacts and lists groups', async () => {
    const identifier = google.id;
    const { data } = await nylas.contacts.list({ identifier, queryParams: { limit: 5 } });
    expect(data).toHaveLength(5);
    const emails = [{ email: 'new@example.com', type: 'work' }];
    const created = await nylas.contacts.create({ identifier, requestBody: { givenName: 'New', emails } });
    const contactId = created.data.id;
    await nylas.contacts.update({ identifier, contactId, requestBody: { nickname: 'N' } });
    const byEmail = await nylas.contacts.list({ identifier, queryParams: { email: 'new@example.com' } });
    expect(byEmail.data.map((one) => one.nickname)).toEqual(['N']);
    await nylas.contacts.destroy({ identifier, contactId });
    expect((await nylas.contacts.groups({ identifier })).data.length).toBeGreaterThan(0);
  });
});

it('had no defect', () => {
  expect(simulator.defects).toEqual([]);
});
