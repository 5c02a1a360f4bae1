type Data = Readonly<Record<string, unknown>>;

const EFFECTS: Readonly<Record<string, string>> = {
  read: 'read the account again',
  downgrade: 'downgrade it',
  upgrade: 'upgrade it',
  prompt: 'ask its user to authenticate again',
  revoke: 'revoke its old tokens',
  escalate: 'call for a person',
};

const STEPS: Readonly<Record<string, string>> = {
  damping: 'waits whether it passes by itself',
  confirming: 'makes sure of it',
  planned: 'dry run: nothing is done',
  restarting: 'restarts it',
  settling: 'waits for the restart to show',
  awaiting_reauth: 'waits for its user to authenticate again',
  revoking: 'revokes its old tokens',
  checking: 'checks whether it is well again',
  escalated: 'a person has to look',
  recovered: 'it is well again',
};

const REQUESTS: Readonly<Record<string, string>> = {
  restart: 'a restart was asked for',
  reauth_link: 'a link to authenticate again was made',
};

/** A line of the journal as a person reads it; what no sentence is known for, as it stands in the journal. */
export function journalWords(kind: string, data: Data): string {
  if (kind === 'operator' && typeof data.request === 'string') {
    const words = REQUESTS[data.request];
    if (words !== undefined) return `${words}${data.force === true ? ' (--force)' : ''}`;
  }
  return WORDS[kind]?.(data) ?? plain(data);
}

const WORDS: Readonly<Record<string, (data: Data) => string | undefined>> = {
  repair: repairWords,
  request_error: requestErrorWords,
};

function requestErrorWords({
  method,
  template,
  status,
  errorType,
  requestId,
  flowId,
  message,
}: Data): string | undefined {
  if (method === undefined || template === undefined) return undefined;
  const type = errorType === undefined || String(errorType) === String(status) ? '' : ` ${errorType}`;
  const answer = status === undefined ? ` had no answer:${type}` : ` was answered ${status}${type}`;
  const ids = `${said('request id', requestId)}${said('flow id', flowId)}`;
  return `${method} ${template}${answer}${ids}${message === undefined ? '' : ` (${message})`}`;
}

function repairWords(data: Data): string | undefined {
  const { event, step, effect, outcome, state, cause, why, requestId } = data;
  const act = EFFECTS[String(effect)] ?? String(effect);
  const reason = typeof why === 'string' ? ` (${why})` : '';
  switch (event) {
    case 'begun':
      return `begins: the account is ${state}`;
    case 'step':
      return `${STEPS[String(step)] ?? step}${reason}`;
    case 'intent':
      return `will ${act}`;
    case 'result':
      return `${act}: ${outcome}${said('now', state)}${said('because of', cause)}${said('request id', requestId)}`;
    case 'would':
      return `would ${act} (dry run): the account is ${state}`;
    case 'lost':
      return `${act}: nobody knows whether it was done, its process died`;
    case 'late':
      return `${act}: ${outcome}, after it was given up for lost`;
    case 'asked':
      return `is asked for by a person${reason}`;
    case 'recovered':
      return 'ends: the account is well again';
    case 'gone':
      return 'ends: the account is gone';
    case 'left_alone':
      return `leaves it alone${reason}`;
    default:
      return undefined;
  }
}

function said(word: string, value: unknown): string {
  return value === undefined ? '' : `, ${word} ${value}`;
}

function plain(data: Data): string {
  return Object.entries(data)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
