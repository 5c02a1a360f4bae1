// Takes a picture of each board in both themes from a running preview, and says what went wrong in the browser.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/** Boards, and the part of the simulated day that shows most. */
const BOARDS = [
  ['overview', 'now-24h'],
  ['requests', 'now-24h'],
  ['accounts', 'now-24h'],
  ['webhooks', 'now-24h'],
  ['limits', 'now-24h'],
  ['platform', 'now-24h'],
  ['slo', 'now-30d'],
  ['telemetry', 'now-24h'],
] as const;
const THEMES = ['dark', 'light'] as const;
const WIDTH = 1500;
const DRAWN_WITHIN_MS = 60_000;

interface Seen {
  readonly title: string;
  readonly state: 'drawn' | 'empty' | 'failed' | 'elsewhere';
  readonly error?: string;
}

/** What is wrong with a picture that was taken. */
export interface Problem {
  readonly picture: string;
  readonly what: string;
}

/** Draws every board in both themes; pictures go into `folder`, when there is one. */
export async function takePictures(url: string, now: number, folder: string | undefined): Promise<Problem[]> {
  if (folder) mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const problems: Problem[] = [];
  try {
    for (const theme of THEMES) {
      for (const [board, from] of BOARDS) {
        const picture = `${board}-${theme}`;
        const page = await browser.newPage({ viewport: { width: WIDTH, height: 900 }, timezoneId: 'UTC' });
        page.on('console', (message) => {
          if (message.type() === 'error') problems.push({ picture, what: `console: ${message.text()}` });
        });
        page.on('pageerror', (error) => problems.push({ picture, what: `thrown: ${error.message}` }));
        await page.goto(`${url}/?board=nylas-${board}&theme=${theme}&from=${from}&to=${now}`);
        await page.waitForSelector('#board', { timeout: DRAWN_WITHIN_MS });
        await page.waitForFunction(
          () => {
            const board = document.getElementById('board');
            const seen = (window as unknown as { __panels: object }).__panels;
            return board !== null && Object.keys(seen).length === Number(board.dataset.panels);
          },
          undefined,
          { timeout: DRAWN_WITHIN_MS },
        );
        const seen = (await page.evaluate('window.__panels')) as Record<string, Seen>;
        for (const { title, state, error } of Object.values(seen)) {
          if (state === 'failed' || state === 'empty')
            problems.push({ picture, what: `${title}: ${state} ${error ?? ''}` });
        }
        if (folder) {
          // uPlot draws on the next frames.
          await page.evaluate(
            'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
          );
          const height = await page.evaluate('document.documentElement.scrollHeight');
          await page.setViewportSize({ width: WIDTH, height: Math.min(Number(height), 2600) });
          await page.waitForTimeout(300);
          await page.screenshot({ path: join(folder, `${picture}.png`) });
        }
        await page.close();
      }
    }
  } finally {
    await browser.close();
  }
  return problems;
}
