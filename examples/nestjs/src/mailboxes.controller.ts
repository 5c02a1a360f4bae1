import { Controller, Get, Inject, Param } from '@nestjs/common';
import { MailboxesService } from './mailboxes.service.js';

@Controller('mailboxes')
export class MailboxesController {
  readonly #mailboxes: MailboxesService;

  constructor(@Inject(MailboxesService) mailboxes: MailboxesService) {
    this.#mailboxes = mailboxes;
  }

  @Get(':grantId/messages')
  async messages(@Param('grantId') grantId: string): Promise<{ id: string; subject: string | undefined }[]> {
    return await this.#mailboxes.messages(grantId);
  }
}
