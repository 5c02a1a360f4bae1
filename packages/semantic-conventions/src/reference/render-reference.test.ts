import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ATTRIBUTES } from '../attributes.ts';
import { EVENTS } from '../events.ts';
import { METRICS } from '../metrics.ts';
import { prometheusName } from '../prometheus-name.ts';
import { renderReference } from './render-reference.ts';

const reference = renderReference();

describe('docs/telemetry.md', () => {
  it('is what the data says; `pnpm run docs` writes it anew', () => {
    const page = new URL('../../../../docs/telemetry.md', import.meta.url);
    expect(readFileSync(page, 'utf8')).toBe(reference);
  });

  it('has one row for every metric, under both its names', () => {
    for (const metric of Object.values(METRICS)) {
      const row = `| \`${metric.name}\` | \`${prometheusName(metric)}\` |`;
      expect([metric.name, reference.split(row).length - 1]).toEqual([metric.name, 1]);
    }
  });

  it('has one row for every attribute and a section for every log event', () => {
    for (const [name, { type }] of Object.entries(ATTRIBUTES)) {
      expect([name, reference.split(`\n| \`${name}\` | ${type} |`).length - 1]).toEqual([name, 1]);
    }
    for (const name of Object.keys(EVENTS)) expect(reference).toContain(`\n### \`${name}\`\n`);
  });

  it('links only to headings it has', () => {
    const anchors = [...reference.matchAll(/^#+ (.*)$/gm)].map((match) =>
      match[1]?.toLowerCase().replaceAll(' ', '-'),
    );
    const links = [...reference.matchAll(/\]\(#([^)]*)\)/g)].map((match) => match[1]);
    expect(links.length).toBeGreaterThan(0);
    expect(anchors).toEqual(expect.arrayContaining(links));
  });

  it('keeps the cells of every table row in their columns', () => {
    const rows = reference.split('\n').filter((line) => line.startsWith('|'));
    const widths = rows.map((row) => row.replaceAll('\\|', '').split('|').length);
    for (const [i, row] of rows.entries()) {
      if (row.startsWith('| ---')) expect([row, widths[i]]).toEqual([row, widths[i - 1]]);
      expect([3, 4, 5, 6, 7, 8]).toContain(widths[i]);
    }
  });
});
