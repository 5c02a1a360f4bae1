import cliProgress from 'cli-progress';
import type { Output } from './output.ts';

/** How far a long work is. */
export interface Progress {
  /** What is done, of how much where that is known, in words for the side of the bar. */
  update(done: number, total: number | undefined, words: string): void;
  end(): void;
}

const QUIET: Progress = { update() {}, end() {} };

/** A bar on standard error where a person looks; nothing elsewhere. */
export function progressBar(output: Output, title: string): Progress {
  if (!output.watched) return QUIET;
  const bar = new cliProgress.SingleBar({
    stream: output.stderr as NodeJS.WriteStream,
    format: `${title} {bar} {value}/{total} {words}`,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    fps: 10,
  });
  bar.start(0, 0, { words: '' });
  return {
    update(done, total, words) {
      bar.setTotal(Math.max(total ?? 0, done));
      bar.update(done, { words });
    },
    end() {
      bar.stop();
    },
  };
}
