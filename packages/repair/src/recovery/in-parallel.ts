/** Works on so many at one time; the first that rejects ends it. */
export async function inParallel<T>(
  items: AsyncGenerator<T>,
  concurrency: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const worker = async (): Promise<void> => {
    while (!signal.aborted) {
      // Calls of one generator wait for each other.
      const { value, done } = await items.next();
      if (done === true) return;
      await work(value);
    }
  };
  const workers = Array.from({ length: concurrency }, worker);
  try {
    await Promise.all(workers);
  } finally {
    await items.return(undefined);
    await Promise.allSettled(workers);
  }
}
