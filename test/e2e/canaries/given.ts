/** The word in every secret: whatever leaks is found by looking for it. */
export const CANARY = 'zqxCANARYqxz';

/** What the service is given. */
export interface Given {
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  readonly grants: readonly { readonly id: string; readonly email: string }[];
  readonly accounts: readonly { readonly token: string }[];
}
