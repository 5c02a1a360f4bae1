/** The sum over the series of a metric on a page of Prometheus that have all the given labels. */
export function sumOf(page: string, metric: string, ...labels: readonly string[]): number {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
