import { describe, expect, it } from 'vitest';
import { maskAddress } from './mask.ts';
import { Redactor } from './redactor.ts';
import { fittedTable } from './table.ts';
import { ago, duration, localAndUtc, localTime, readTime, timeCells } from './time.ts';
import { wrapped } from './wrapped.ts';

const NOW = Date.parse('2026-11-26T02:12:09Z');

const tableLines = (...given: Parameters<typeof fittedTable>): readonly string[] =>
  fittedTable(...given).lines;

describe('a table', () => {
  const columns = [
    { title: 'ID', whole: true as const },
    { title: 'WHAT' },
    { title: 'N', side: 'right' as const },
  ];

  it('is as wide as its cells where there is room', () => {
    expect(tableLines(columns, [['a', 'something', '12']], 80)).toEqual([
      'ID  WHAT        N',
      'a   something  12',
    ]);
  });

  it('cuts the widest cells to fit, never an id', () => {
    const lines = tableLines(
      columns,
      [['53324e47-ca5c-4e1c', 'a very long text that does not fit', '1']],
      40,
    );
    expect(lines[1]).toBe('53324e47-ca5c-4e1c  a very long text…  1');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('leaves out whole columns that can be spared, the last first, before it cuts more than it may', () => {
    const times = [
      { title: 'ID', whole: true as const },
      { title: 'LOCAL', spare: true as const },
      { title: 'UTC', spare: true as const },
      { title: 'WHAT', least: 8 },
    ];
    const row = ['id-1', '12:00:00', '11:00:00', 'something happened'];
    expect(tableLines(times, [row], 80)[1]).toBe('id-1  12:00:00  11:00:00  something happened');
    expect(tableLines(times, [row], 34)[1]).toBe('id-1  12:00:00  11:00:00  somethi…');
    expect(tableLines(times, [row], 33)[1]).toBe('id-1  12:00:00  something happen…');
    expect(tableLines(times, [row], 20)[1]).toBe('id-1  something hap…');
  });

  it('says times shorter before it leaves any out, and which it left out', () => {
    const columns = [
      { title: 'ID', whole: true as const },
      { title: 'LOCAL', spare: true as const },
      { title: 'UTC', spare: true as const },
    ];
    const row = ['id-1', ...timeCells(NOW)];
    const short = `${localTime(NOW).slice(5, 19)}  11-26T02:12:09Z`;
    expect(fittedTable(columns, [row], 80)).toMatchObject({ leftOut: [] });
    expect(fittedTable(columns, [row], 80).lines[1]).toContain('2026-11-26T02:12:09Z');
    expect(fittedTable(columns, [row], 40)).toEqual({
      lines: ['ID    LOCAL           UTC', `id-1  ${short}`],
      leftOut: [],
    });
    expect(fittedTable(columns, [row], 30).leftOut).toEqual(['UTC']);
    expect(fittedTable(columns, [row], 10).leftOut).toEqual(['LOCAL', 'UTC']);
  });

  it('lets words go on in the next line, with ids in one piece', () => {
    const columns = [{ title: 'KIND' }, { title: '', least: 20, wraps: true as const }];
    const id = '1013663711-222d3f10-5ea0-4642-8cdb-3ddee5cb320f';
    expect(tableLines(columns, [['error', `GET /v3/grants was answered 401, request id ${id}`]], 60)).toEqual(
      ['KIND', `error  GET /v3/grants was answered 401, request id\n    ${id}`],
    );
  });

  it('counts columns of wide characters, and takes control characters out', () => {
    const [, line] = tableLines([{ title: 'A' }, { title: 'B' }], [['日本', 'x\u001b[2Jy\nz']], 80);
    expect(line).toBe('日本  x [2Jy z');
  });

  it('paints what is padded, so that colours take no room', () => {
    const lines = tableLines(
      [{ title: 'STATE' }],
      [[{ text: 'ok', tone: 'good' }]],
      80,
      (tone, text) => `<${tone}>${text}`,
    );
    expect(lines).toEqual(['<faint>STATE', '<good>ok']);
  });
});

describe('a line wider than the terminal', () => {
  it.each([
    ['nothing to break', 40, 'nothing to break'],
    ['one two three four', 9, 'one two\nthree\nfour'],
    [
      'name       a value of many words that goes on',
      44,
      'name       a value of many words that goes\n           on',
    ],
    [
      '  do       what it says, in full and in words',
      42,
      '  do       what it says, in full and in\n           words',
    ],
    ['first\nsecond line', 8, 'first\nsecond\nline'],
    ['https://example.com/an/address/in/one/piece', 20, 'https://example.com/an/address/in/one/piece'],
    ['\u001b[31mred words\u001b[39m', 9, '\u001b[31mred words\u001b[39m'],
  ])('%j at %d is broken between words', (text, width, lines) => {
    expect(wrapped(text, width)).toBe(lines);
  });
});

describe('times', () => {
  it('are local and UTC', () => {
    expect(localAndUtc(NOW, 'Europe/Berlin')).toBe('2026-11-26 03:12:09 CET (2026-11-26T02:12:09Z)');
  });

  it.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [7_500, '2 h 5 min'],
    [90_061, '1 d 1 h'],
  ])('say %d s as %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });

  it('say how long ago', () => {
    expect(ago(NOW - 65_000, NOW)).toBe('1 min 5 s');
  });

  it.each([
    ['6h', NOW - 6 * 3_600_000],
    ['90m', NOW - 90 * 60_000],
    ['1.5d', NOW - 36 * 3_600_000],
    ['2026-11-26T02:00:00Z', Date.parse('2026-11-26T02:00:00Z')],
    ['1764122400', 1_764_122_400_000],
    ['yesterday', undefined],
    ['6 fortnights', undefined],
    ['', undefined],
  ])('are read from %s', (text, time) => {
    expect(readTime(text, NOW)).toBe(time);
  });
});

describe('a masked address', () => {
  it.each([
    ['jonathan@example.com', 'j…n@e…e.com'],
    ['jo@example.co.uk', '…@e…o.uk'],
    ['bob@x.io', 'b…@….io'],
    ['nobody', 'n…y'],
  ])('of %s is %s', (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });
});

describe('the redactor', () => {
  it('takes secrets out in every form they may come in', () => {
    const redactor = new Redactor();
    redactor.add(['pa"ss w/ord', 'abc']);
    const forms = [
      'pa"ss w/ord',
      encodeURIComponent('pa"ss w/ord'),
      JSON.stringify({ a: 'pa"ss w/ord' }),
      btoa('pa"ss w/ord'),
    ];
    for (const form of forms) expect(redactor.clean(`x ${form} y`)).not.toMatch(/w\/ord|w%2Ford|cGEi/);
    // Short words are left: "abc" would eat others.
    expect(redactor.clean('abc')).toBe('abc');
  });

  it('takes the longer of two first, so that nothing of it is left', () => {
    const redactor = new Redactor();
    redactor.add(['secret', 'secret-and-more']);
    expect(redactor.clean('secret-and-more')).toBe('[REDACTED]');
  });
});
