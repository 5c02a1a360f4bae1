import { isAttempt, isOurs, type TreeNode } from '../evidence/trace.ts';
import type { Span } from '../world/span-receiver.ts';
import { columns, duration, inner, pad, paint, print } from './terminal.mjs';

const NAME = 44;
const STATUS = 4;
const DURATION = 8;

/** Whose limit a 429 speaks of. */
const LIMITS: Readonly<Record<string, string>> = {
  nylas: "Nylas's own limit",
  provider: "the mail provider's limit",
};

/** Prints a trace as a tree: name, status, duration, and when it happened. */
export function printTrace(root: TreeNode): void {
  const bars = Math.min(30, inner - NAME - STATUS - DURATION - 7);
  const whole = root.span;
  const show = ({ span, children, leftOut }: TreeNode, stem: string, branch: string): void => {
    const name = pad(
      `${paint('dim', stem + branch)}${short(nameOf(span), NAME - columns(stem + branch))}`,
      NAME,
    );
    const time = pad(duration(span.duration), DURATION, 'right');
    print(`${name}  ${pad(statusOf(span), STATUS, 'right')}  ${time}  ${barOf(span, whole, bars)}`.trimEnd());
    const below = stem + (branch === '' ? '' : branch === '├─ ' ? '│  ' : '   ');
    const trunk = children.length > 0 ? '│  ' : '   ';
    const note = noteOf(span);
    if (note !== '') print(`${paint('dim', below + trunk)}${note}`);
    if (leftOut > 0) print(paint('dim', `${below}├─ ${leftOut} spans of Express`));
    for (const [index, child] of children.entries())
      show(child, below, index === children.length - 1 ? '└─ ' : '├─ ');
  };
  show(root, '', '');
}

function nameOf(span: Span): string {
  return span.kind === 'internal' && isOurs(span) ? paint('bold', span.name) : span.name;
}

function statusOf(span: Span): string {
  const status = span.attributes['http.response.status_code'];
  const text = String(status ?? (span.failed ? '✘' : 'ok'));
  return paint(span.failed ? 'red' : 'green', text);
}

function noteOf(span: Span): string {
  if (!isAttempt(span)) return '';
  const { attributes } = span;
  const resend = attributes['http.request.resend_count'];
  const status = String(attributes['http.response.status_code']);
  const error = attributes['error.type'] === status ? undefined : attributes['error.type'];
  const limit = LIMITS[String(attributes['nylas.rate_limit.source'])];
  const about = [error, limit].filter((part) => part !== undefined).join(', ');
  return [
    ...(resend === undefined ? [] : [paint('cyan', `resend ${resend}`)]),
    ...(about === '' ? [] : [paint('red', about)]),
  ].join(paint('dim', ' · '));
}

/** Where in the time of the whole trace a span lies. */
function barOf(span: Span, whole: Span, size: number): string {
  const scale = size / Math.max(whole.duration, 0.001);
  const from = Math.min(size - 1, Math.max(0, Math.round((span.start - whole.start) * scale)));
  const length = Math.max(1, Math.min(size - from, Math.round(span.duration * scale)));
  return ' '.repeat(from) + paint(span.failed ? 'red' : 'green', '━'.repeat(length));
}

function short(text: string, size: number): string {
  return columns(text) <= size ? text : `${text.slice(0, size - 1)}…`;
}
