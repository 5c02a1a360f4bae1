import Nylas from 'nylas';

export async function GET(
  _request: Request,
  { params }: { params: Promise<{ grantId: string }> },
): Promise<Response> {
  const { NYLAS_API_KEY: apiKey = '', NYLAS_API_URI: apiUri } = process.env;
  const nylas = new Nylas({ apiKey, ...(apiUri && { apiUri }) });
  const { grantId } = await params;
  try {
    const { data } = await nylas.messages.list({ identifier: grantId, queryParams: { limit: 10 } });
    return Response.json(data.map(({ id, subject }) => ({ id, subject })));
  } catch {
    return Response.json({ error: 'The mailbox cannot be reached.' }, { status: 502 });
  }
}
