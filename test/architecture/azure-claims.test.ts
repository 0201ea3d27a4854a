import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

/* docs/azure.md names the test, or the check of `npm run verify`, that proves each claim. Its link's text is the file's name, or the title of a test in the file. */

const page = readFileSync('docs/azure.md', 'utf8');
const listRows = (heading: string): string[][] =>
  (page.split(`## ${heading}`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => /^\| (?!Claim )/.test(line))
    .map((line) => line.slice(2, -2).split(/ \| /));

const claims = listRows('Claims, and how each is proved');

describe('the claims about Azure', () => {
  test('name a known kind of proof', () => {
    expect(claims.length).toBeGreaterThan(3);
    const kinds = ['Bundle hosted', 'Stand-in', 'Built file', 'Real tool', 'Read only'];
    expect(claims.filter(([, proof = '']) => !kinds.includes(proof))).toEqual([]);
  });

  test.each(claims)('%s: %s, by a test that exists', (_claim, _proof, cell = '') => {
    const links = [...cell.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+\.test\.ts|\.ci\/verify\/[^)]+\.ts)\)/g)];
    expect(links).not.toEqual([]);
    for (const [, text = '', path = ''] of links) {
      expect(existsSync(path)).toBe(true);
      if (!path.endsWith(`/${text}`)) expect(readFileSync(path, 'utf8')).toContain(text);
    }
  });
});

test('what only a subscription can prove has a command and the expected answer', () => {
  const rows = listRows('What only a subscription can prove');
  expect(rows.length).toBeGreaterThan(5);
  const incomplete = rows.filter(
    ([, command = '', answer = '']) => !/Planned/.test(command) && (command === '' || answer.trim() === ''),
  );
  expect(incomplete).toEqual([]);
});
