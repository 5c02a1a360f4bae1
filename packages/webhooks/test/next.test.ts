import { expect, it } from 'vitest';
import { memoryInbox, nextWebhooks } from '../src/index.ts';

const challenge = () => new Request('http://localhost/webhooks/nylas?challenge=abc');

it('asks for its options at the first request only, so that a build needs neither secret nor database', async () => {
  let asked = 0;
  const { GET } = nextWebhooks(async () => {
    asked += 1;
    return { secret: 'the secret', inbox: memoryInbox() };
  });
  expect(asked).toBe(0);
  const answers = await Promise.all([GET(challenge()), GET(challenge())]);
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['abc', 'abc']);
  expect(asked).toBe(1);
});

it('asks again at the next request when the options could not be had', async () => {
  let databaseIsUp = false;
  const { GET } = nextWebhooks(() => {
    if (!databaseIsUp) throw new Error('no database');
    return { secret: 'the secret', inbox: memoryInbox() };
  });
  await expect(GET(challenge())).rejects.toThrow('no database');
  databaseIsUp = true;
  expect((await GET(challenge())).status).toBe(200);
});
