/** When the simulated day begins: a Wednesday. Unix seconds. */
export const DAY_START: number = Date.UTC(2026, 2, 11) / 1000;
/** When it ends: what "now" is for whoever looks at it. */
export const DAY_END: number = DAY_START + 86_400;
/** How often everything is scraped, in seconds: as text, a day of one minute is more than half a gigabyte. */
export const SCRAPE_INTERVAL = 120;

/** The moments of the day at which there are samples. */
export const SAMPLES: readonly number[] = Array.from(
  { length: 86_400 / SCRAPE_INTERVAL + 1 },
  (_, i) => DAY_START + i * SCRAPE_INTERVAL,
);

/** Hours into the day, of a moment in Unix seconds. */
export function hourOf(time: number): number {
  return (time - DAY_START) / 3600;
}
