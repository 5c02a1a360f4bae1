import { assets } from '../assets.ts';
import { errorInWords, NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { type CommandContext, flagText } from './command.ts';

const FOLDER_UID = 'nylas-otel';
const TIMEOUT_MS = 15_000;

/** `nylas-otel dashboards install`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output, settings, signal } = context;
  const base = settings['grafana.url'];
  const token = settings['grafana.token'];
  if (base === undefined || token === undefined) {
    throw new NylasOtelError(
      'usage',
      'Where Grafana is and how to sign in is not known.',
      'Give GRAFANA_URL and GRAFANA_TOKEN_FILE: the token of a service account with the role Editor.',
    );
  }
  const grafana = new Grafana(base, token, signal);
  const title = flagText(context, 'folder') ?? 'Nylas';
  const dashboards = assets('dashboards', context.flags.unsuffixed === true);
  const installed = await output.during('asking Grafana', async (progress) => {
    await grafana.folder(title);
    const done: { uid: string; url: string }[] = [];
    for (const { name, text } of dashboards) {
      progress.update({
        title: 'dashboards',
        done: done.length,
        total: dashboards.length,
        words: `installed, now ${name}`,
      });
      done.push(await grafana.dashboard(JSON.parse(text) as object));
    }
    return done;
  });
  output.result({ folder: title, dashboards: installed });
  for (const { url } of installed) output.line(`${base}${url}`);
  return 'ok';
}

/** The part of Grafana's HTTP API that is needed. */
class Grafana {
  readonly #base: string;
  readonly #token: string;
  readonly #signal: AbortSignal;

  constructor(base: string, token: string, signal: AbortSignal) {
    this.#base = base;
    this.#token = token;
    this.#signal = signal;
  }

  async folder(title: string): Promise<void> {
    const { status } = await this.#ask('POST', '/api/folders', { uid: FOLDER_UID, title }, [409, 412]);
    // There already: keep whatever name a person gave it.
    if (status === 409 || status === 412) await this.#ask('GET', `/api/folders/${FOLDER_UID}`);
  }

  async dashboard(dashboard: object): Promise<{ uid: string; url: string }> {
    const { body } = await this.#ask('POST', '/api/dashboards/db', {
      dashboard: { ...dashboard, id: null },
      folderUid: FOLDER_UID,
      overwrite: true,
      message: 'nylas-otel dashboards install',
    });
    const { uid, url } = body as { uid?: unknown; url?: unknown };
    return { uid: String(uid), url: String(url) };
  }

  async #ask(
    method: string,
    path: string,
    json?: object,
    alsoGood: readonly number[] = [],
  ): Promise<{ status: number; body: unknown }> {
    let response: Response;
    try {
      response = await fetch(`${this.#base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'application/json',
          accept: 'application/json',
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#signal]),
      });
    } catch (error) {
      throw new NylasOtelError(
        'unreachable',
        `Grafana at ${this.#base} does not answer (${errorInWords(error)}).`,
        'Check grafana.url: its sign-in page must open there.',
      );
    }
    const { status } = response;
    const body: unknown = await response.json().catch(() => ({}));
    if (response.ok || alsoGood.includes(status)) return { status, body };
    throw refusal(status, path);
  }
}

function refusal(status: number, path: string): NylasOtelError {
  const message = `Grafana answers ${status} to ${path}.`;
  if (status === 401)
    return new NylasOtelError(
      'refused',
      message,
      'The token is wrong or has expired: make one for a service account.',
    );
  if (status === 403)
    return new NylasOtelError('refused', message, 'The service account needs the role Editor.');
  return new NylasOtelError('unreachable', message, 'Check grafana.url, with its sub-path where it has one.');
}
