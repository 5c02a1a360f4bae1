import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { PostgresDatabase } from './postgres.ts';

/** A message of PostgreSQL's protocol. */
function message(type: string, content: string): string {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + content.length);
  return type + length.toString('latin1') + content;
}

it('rejects a transaction, and nothing more, when the server lets it in and ends in the same breath', async () => {
  const letIn = message('R', '\0\0\0\0') + message('Z', 'I');
  const ended = message('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(letIn + ended, 'latin1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const database = new PostgresDatabase(`postgresql://postgres@127.0.0.1:${port}/x`, 2);
  try {
    await expect(database.transaction((session) => session.query('SELECT 1'))).rejects.toThrow();
  } finally {
    await database.close();
    server.close();
  }
});
