// @ts-check
/** Progress: one line a step, with a spinner where lines can be written over. */
import { columns, duration, live, pad, paint, width } from './terminal.mjs';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
// One column is left free: some terminals begin a new line at the last.
const RIGHT = Math.min(width - 1, 92);
const DURATION = 9;
const { stdout } = process;
let quiet = false;

/** Nothing more is shown: what still goes on is being ended. */
export function stopSteps() {
  quiet = true;
  if (live) stdout.write('\r\u001b[K');
}

/**
 * Does a piece of work and shows that it is being done, how it ended and how long it took.
 *
 * @template T
 * @param {string} title
 * @param {(note: (text: string, milliseconds?: number) => void) => Promise<T>} work `note` sets what is shown beside the
 *   title, and how long it took where that is known better
 * @returns {Promise<T>} what the work gave
 */
export async function step(title, work) {
  const start = performance.now();
  let note = '';
  /** @type {number | undefined} */
  let took;
  let frame = 0;
  const rest = () => {
    const room = RIGHT - DURATION - columns(`  ✔ ${title}`);
    const time = pad(duration(took ?? performance.now() - start), DURATION, 'right');
    return pad(note === '' ? '' : `  ${note}`, room) + paint('dim', time);
  };
  const show = () => {
    if (quiet) return;
    const spinner = paint('cyan', FRAMES[frame++ % FRAMES.length] ?? '');
    stdout.write(`\r\u001b[K  ${spinner} ${title}${rest()}`);
  };
  if (live) show();
  else stdout.write(`  · ${title}`);
  const timer = live ? setInterval(show, 80) : undefined;
  const end = (/** @type {string} */ mark) => {
    clearInterval(timer);
    if (quiet) return;
    stdout.write(live ? `\r\u001b[K  ${mark} ${title}${rest()}\n` : `${rest()}\n`);
  };
  try {
    const result = await work((text, milliseconds) => {
      note = text;
      took = milliseconds;
    });
    end(paint('green', '✔'));
    return result;
  } catch (error) {
    note = paint('red', 'failed');
    end(paint('red', '✘'));
    throw error;
  }
}
