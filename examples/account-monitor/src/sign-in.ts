import type { Settings } from './settings.ts';

/** What Nylas gives for a code. */
export interface SignedIn {
  readonly accountId: string;
  readonly accessToken: string;
}

/** Exchanges the code that hosted authentication leads back with. */
export async function signIn(code: string, settings: Settings): Promise<SignedIn> {
  const { apiKey, clientId, clientSecret, baseUrl = 'https://api.us.nylas.com', publicUrl } = settings;
  const v3 = apiKey !== undefined;
  const answer = await fetch(`${baseUrl}${v3 ? '/v3/connect/token' : '/oauth/token'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: clientId,
      client_secret: v3 ? apiKey : clientSecret,
      grant_type: 'authorization_code',
      code,
      redirect_uri: `${publicUrl}/nylas/callback`,
    }),
  });
  if (!answer.ok) throw new Error(`Nylas did not take the code (${answer.status})`);
  const { grant_id, account_id, access_token } = (await answer.json()) as Record<string, string | undefined>;
  return { accountId: grant_id ?? account_id ?? '', accessToken: access_token ?? '' };
}
