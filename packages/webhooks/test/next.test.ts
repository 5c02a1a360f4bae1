import { expect, it, onTestFinished } from 'vitest';
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

it('answers 503 while its options cannot be had, after which Nylas sends again, says why once, and asks again', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  onTestFinished(() => void process.off('warning', listen));
  let databaseIsUp = false;
  const { GET } = nextWebhooks(() => {
    if (!databaseIsUp) throw new Error('no database');
    return { secret: 'the secret', inbox: memoryInbox() };
  });
  expect((await GET(challenge())).status).toBe(503);
  expect((await GET(challenge())).status).toBe(503);
  await expect
    .poll(() => warnings.map(({ message }) => message))
    .toEqual([expect.stringMatching(/503.*no database/)]);
  databaseIsUp = true;
  expect((await GET(challenge())).status).toBe(200);
});

it('answers 503 to options that cannot be used', async () => {
  const { POST } = nextWebhooks(() => ({ secret: '', inbox: memoryInbox() }));
  expect((await POST(challenge())).status).toBe(503);
});
