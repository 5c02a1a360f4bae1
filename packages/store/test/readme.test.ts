import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { mockNotification, webhookSender } from '@nylas-otel/webhooks';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const [, example = ''] = /```js\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];

it('begins with an example that stores what it acknowledges, handles it, and ends on SIGTERM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-readme-'));
  // Any port, told on a line of its own; and no folder beside the sources.
  const code = example
    .replace('.listen(3000)', '.listen(0, function () { console.log(this.address().port) })')
    .replace("'./nylas-state'", JSON.stringify(folder));
  const { DATABASE_URL: _, NYLAS_WEBHOOK_SECRET: __, ...env } = process.env;
  const child = spawn(
    process.execPath,
    ['--conditions=nylas-otel-source', '--input-type=module', '-e', code],
    {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const { value: port } = await lines.next();
    const sender = webhookSender({ url: `http://127.0.0.1:${port}/`, secret: 'try-it-out' });
    const sent = await sender.send([
      mockNotification('message.created', { object: { id: 'message-1' } }),
      mockNotification('grant.expired'),
    ]);
    expect(sent.map(({ statuses }) => statuses)).toEqual([[200], [200]]);
    const handled = [(await lines.next()).value, (await lines.next()).value];
    expect(handled.sort()).toEqual(['grant.expired', 'new message message-1']);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
