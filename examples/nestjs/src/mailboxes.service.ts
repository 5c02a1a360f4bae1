import { BadGatewayException, Injectable } from '@nestjs/common';
import sdk from 'nylas';

const { NYLAS_API_KEY: apiKey = '', NYLAS_API_URI: apiUri } = process.env;
// The package's types describe its CommonJS face.
const Nylas = sdk as unknown as typeof sdk.default;

@Injectable()
export class MailboxesService {
  readonly #nylas = new Nylas({ apiKey, ...(apiUri && { apiUri }) });

  async messages(grantId: string): Promise<{ id: string; subject: string | undefined }[]> {
    try {
      const { data } = await this.#nylas.messages.list({ identifier: grantId, queryParams: { limit: 10 } });
      return data.map(({ id, subject }) => ({ id, subject }));
    } catch {
      throw new BadGatewayException('The mailbox cannot be reached.');
    }
  }
}
