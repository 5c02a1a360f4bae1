import type { Escalation, ReauthenticationRequest, SupportBundleResult } from '@nylas-otel/repair';
import { createTransport } from 'nodemailer';

/** The two mails of the service. Both reject when the mail server took nothing: the monitor then tries again. */
export interface Mails {
  askToSignIn(request: ReauthenticationRequest): Promise<void>;
  tellSupport(escalation: Escalation<SupportBundleResult>): Promise<void>;
  close(): void;
}

/** Sends them over SMTP. */
export function mailsOver(smtpUrl: string, from: string, support: string): Mails {
  const transport = createTransport(smtpUrl);
  return {
    async askToSignIn({ account, url, attempt, key }) {
      if (account.email === undefined) throw new Error('the address of the account is not known yet');
      await transport.sendMail({
        from,
        to: account.email,
        subject: attempt === 1 ? 'Please sign in to your mailbox again' : 'Reminder: please sign in again',
        // One prompt, one message: whoever sends it twice is found out.
        messageId: `<${key.replaceAll(':', '.')}@accounts.example.com>`,
        text: `Your mailbox ${account.email} is no longer connected. Sign in again here:\n\n${url}\n`,
      });
    },
    async tellSupport({ account, reason, bundle }) {
      await transport.sendMail({
        from,
        to: support,
        subject: `Nylas account ${account.id} needs help (${reason})`,
        text: bundle?.markdown ?? 'The support bundle could not be put together; see the journal.',
        attachments:
          bundle === undefined ? [] : [{ filename: 'bundle.json', content: JSON.stringify(bundle.json) }],
      });
    },
    close: () => transport.close(),
  };
}
