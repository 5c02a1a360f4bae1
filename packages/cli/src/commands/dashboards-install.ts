import { assets } from '../assets.ts';
import { errorInWords, NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { progressBar } from '../terminal/progress.ts';
import { type CommandContext, flagText } from './command.ts';

const FOLDER_UID = 'nylas-otel';
const TIMEOUT_MS = 15_000;

/** `nylas-otel dashboards install`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output, settings } = context;
  const base = settings['grafana.url'];
  const token = settings['grafana.token'];
  if (base === undefined || token === undefined) {
    throw new NylasOtelError(
      'usage',
      'Where Grafana is and how to sign in is not known.',
      'Give GRAFANA_URL and GRAFANA_TOKEN_FILE: the token of a service account with the role Editor.',
    );
  }
  const grafana = new Grafana(base, token);
  const title = flagText(context, 'folder') ?? 'Nylas';
  await grafana.folder(title);
  const dashboards = assets('dashboards', context.flags.unsuffixed === true);
  const bar = progressBar(output, 'dashboards');
  const installed: { uid: string; url: string }[] = [];
  try {
    for (const [index, { name, text }] of dashboards.entries()) {
      bar.update(index, dashboards.length, name);
      installed.push(await grafana.dashboard(JSON.parse(text) as object));
    }
    bar.update(dashboards.length, dashboards.length, '');
  } finally {
    bar.end();
  }
  output.result({ folder: title, dashboards: installed });
  for (const { url } of installed) output.line(`${base}${url}`);
  return 'ok';
}

/** The part of Grafana's HTTP API that is needed. */
class Grafana {
  readonly #base: string;
  readonly #token: string;

  constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
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
        signal: AbortSignal.timeout(TIMEOUT_MS),
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
