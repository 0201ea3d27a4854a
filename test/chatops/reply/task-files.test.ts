import { expect, test } from '@jest/globals';
import type { TaskFiles } from '../../../contracts/task-files.ts';
import { renderTaskFiles } from '../../../chatops/reply/task-files.ts';
import { jobId, taskFiles } from '../../fixtures/jobs.ts';

const render = (files: TaskFiles | null, maxLength = 30_000, isPublic = false): string =>
  renderTaskFiles({ id: jobId('b'), files }, { isPublic, maxLength }).join('\n\n');

const row = ['value '.repeat(9).trim()];
const table = (name: string) => ({
  name,
  header: ['a'],
  rows: Array.from({ length: 10 }, () => row),
  truncated: false,
});

test('a job without files shows nothing', () => {
  expect(render(null)).toBe('');
  expect(render(taskFiles({}))).toBe('');
});

test('if the room is short, tables are left out first, then the end of the summary', () => {
  const files = taskFiles(
    { 'a.csv': 1, 'b.csv': 2, 'summary.md': 3 },
    { summary: 'line\n'.repeat(100), tables: [table('a.csv'), table('b.csv')] },
  );
  const [first] = files.tables;
  const lengths = {
    oneTable: render({ ...files, tables: first ? [first] : [] }).length,
    noTable: render({ ...files, tables: [] }).length,
  };
  expect(render(files).match(/\| value/g)).toHaveLength(20);
  const withOneTable = render(files, lengths.oneTable + 20);
  expect(withOneTable.match(/\| value/g)).toHaveLength(10);
  const withFewerRows = render(files, lengths.oneTable - 100);
  expect(withFewerRows).toMatch(/^First [78] rows of `a.csv`:$/m);
  expect(withFewerRows).not.toContain('is longer');
  const withoutTables = render(files, lengths.noTable - 200);
  expect(withoutTables).not.toContain('| value');
  expect(withoutTables).toMatch(/^(> line\n)+\nThe summary is longer: see `summary\.md`\.\n\nFiles: /);
  expect(withFewerRows.length).toBeLessThanOrEqual(lengths.oneTable - 100);
  expect(withoutTables.length).toBeLessThanOrEqual(lengths.noTable - 200);
});

test('a hundred files fit: those without room are counted', () => {
  const sizes = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${'x'.repeat(90)}-${n}.txt`, n]));
  const markdown = render(taskFiles(sizes), 20_000);
  expect(markdown.length).toBeLessThanOrEqual(20_000);
  expect(markdown).toContain('<details><summary>100 files</summary>');
  expect(markdown).toMatch(/\n- and \d+ more\n\n<\/details>$/);
});

test('the first three pictures that a proxy can load are shown, and only where links may be', () => {
  const files = taskFiles({
    'a_1.png': 1,
    'b.svg': 1,
    'big.png': 6_000_000,
    'c.png': 1,
    'd.png': 1,
    'e.png': 1,
  });
  expect(render(files).match(/^!\[.+?\]/gm)).toEqual(['![a\\_1.png]', '![c.png]', '![d.png]']);
  expect(render(files, 30_000, true)).not.toMatch(/!\[|https:/);
});

test('a file whose address is not of the web is only named', () => {
  const files = taskFiles({ 'a.png': 1 });
  const [delivered] = files.delivered;
  if (!delivered) throw new Error('No file');
  expect(render({ ...files, delivered: [{ ...delivered, url: 'javascript:alert(1)' }] })).toBe(
    'Files: `a.png` (1 byte)',
  );
});

test.each([
  ['all of it', [['1']], false, '`a.csv`:'],
  ['more rows', Array.from({ length: 10 }, () => ['1']), true, 'First 10 rows of `a.csv`:'],
  ['more characters', [['1']], true, 'The beginning of `a.csv`:'],
  ['more columns', [Array(12).fill('1')], false, 'First 10 columns of `a.csv`:'],
  [
    'more of both',
    Array.from({ length: 10 }, () => Array(12).fill('1')),
    true,
    'First 10 rows and 10 columns of `a.csv`:',
  ],
])('the caption of a table states what it shows: %s', (_what, rows, truncated, caption) => {
  const header = Array(rows[0]?.length).fill('h');
  const tables = [{ name: 'a.csv', header, rows, truncated }];
  expect(render(taskFiles({}, { tables })).split('\n')[0]).toBe(caption);
});

test('a table: numbers to the right, a column with code all in code, rows of any length', () => {
  const tables = [
    {
      name: 'a.csv',
      header: ['n', 'who', ' '],
      rows: [
        ['-1.5', 'a\nb'],
        ['+1 204,00 %', '@mona', 'x'.repeat(100), 'more'],
        ['', ''],
      ],
      truncated: false,
    },
  ];
  expect(render(taskFiles({}, { tables })).split('\n').slice(2)).toEqual([
    '| n | who |  |  |',
    '| --: | --- | --- | --- |',
    '| -1.5 | `a b` |  |  |',
    `| +1 204,00 % | \`@mona\` | ${'x'.repeat(60)}… | more |`,
    '|  |  |  |  |',
  ]);
});

test('every reason why a file was not delivered is stated', () => {
  const omitted = (
    [
      'too-many',
      'too-large',
      'total-too-large',
      'bad-name',
      'not-a-file',
      'unreadable',
      'not-delivered',
    ] as const
  ).map((reason) => ({ name: reason, bytes: 1, reason }));
  const lines = render(taskFiles({}, { omitted, omittedCount: 8 })).split('\n');
  expect(lines[0]).toBe('⚠️ 8 files were not delivered:');
  expect(lines.slice(1, -1).map((line) => /^- `(.+)` \(1 byte\): \S/.exec(line)?.[1])).toEqual(
    omitted.map(({ name }) => name),
  );
  expect(lines.at(-1)).toBe('- and 1 more');
});
