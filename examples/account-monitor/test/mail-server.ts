import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A mail server that keeps what it gets. */
export interface MailServer {
  readonly url: string;
  /** The next mail to an address, also one that has come already. */
  mailTo(address: string): Promise<Email>;
  /** How many mails came for an address. */
  count(address: string): number;
  close(): Promise<void>;
}

/** Starts one on loopback. */
export async function startMailServer(): Promise<MailServer> {
  const mails: Email[] = [];
  const waiting: (() => void)[] = [];
  const isTo = (mail: Email, address: string): boolean =>
    mail.to?.some((to) => to.address === address) === true;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        PostalMime.parse(Buffer.concat(chunks)).then((mail) => {
          mails.push(mail);
          done();
          for (const wake of waiting.splice(0)) wake();
        }, done);
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.server.address() as AddressInfo;
  let taken = 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    async mailTo(address) {
      for (;;) {
        const index = mails.findIndex((mail, at) => at >= taken && isTo(mail, address));
        if (index >= 0) {
          taken = index + 1;
          return mails[index] as Email;
        }
        await new Promise<void>((resolve) => void waiting.push(resolve));
      }
    },
    count: (address) => mails.filter((mail) => isTo(mail, address)).length,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
