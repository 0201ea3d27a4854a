import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { countColumns, cutText, toPrintable, wrapText } from '../../../cli/thread/terminal-text.ts';
import { renderMarkdown } from '../../../cli/thread/markdown.ts';

const shown = (markdown: string, width = 80) => renderMarkdown(markdown, { width, links: false });

describe('a reply in the terminal', () => {
  test('a finished job: no hidden lines, the table aligned, links by their names', () => {
    const reply = readFileSync('test/chatops/reply/golden/completed.md', 'utf8');
    const lines = shown(reply);
    expect(lines).toContain('Result         Value');
    expect(lines).toContain('standardError  0.0016');
    expect(lines).toContain('Outputs: result.json · manifest.jsonl · outputs.jsonl');
    expect(lines.join('\n')).not.toMatch(/coxswain|<|sig=|\*/);
  });

  test('delivered files: the summary as a quote, tables aligned, and pictures by their names', () => {
    const lines = shown(readFileSync('test/chatops/reply/golden/completed-with-files.md', 'utf8'));
    expect(lines).toContain('│ Sales of October');
    expect(lines).toContain('│ Region  Orders  Sales');
    expect(lines).toContain('by_region.png');
    expect(lines).toContain('2026-10-01  71      1204.50');
    expect(lines.join('\n')).toMatch(/^Files: by-day\.csv \(2 KiB\) · by_region\.png/m);
  });

  test('a failed task: its log unchanged, even if it looks like Markdown', () => {
    const lines = shown(
      '<details><summary>Log</summary>\n\n````text\n# a *b*\n```\n  - c\n````\n\n</details>',
    );
    expect(lines).toEqual(['▾ Log', '  # a *b*', '  ```', '    - c']);
  });

  test('lists, breaks, headings, rules and entities', () => {
    expect(shown('## A &amp; B\n- one\n- two\n  - *three*\n\n1. x<br>y\n\n---\n\n![alt](z)', 10)).toEqual([
      'A & B',
      '- one',
      '- two',
      '  - three',
      '1. x',
      '   y',
      '─'.repeat(10),
      'alt',
    ]);
  });

  test('a table wider than the terminal gives way in its widest column', () => {
    expect(shown('| a | b |\n|---|---|\n| one | two three four five |\n| `x|y` | 1<br>2 |', 16)).toEqual([
      'a    b',
      'one  two three',
      '     four five',
      '`x   y`',
    ]);
    expect(shown('| a |\n|---|\n| 1<br>2 |')).toEqual(['a', '1', '2']);
  });

  test('a link can be followed where the terminal can do so, and only to the web', () => {
    const format = { width: 80, links: true };
    const [line = ''] = renderMarkdown('[log](https://x/y?sig=a%2Bb) [bad](javascript:x)', format);
    expect(line).toContain('\u001B]8;;https://x/y?sig=a%2Bb\u0007log\u001B]8;;\u0007');
    expect(line).toContain('bad');
    expect(countColumns(line)).toBeLessThan(40);
  });

  test('text of others moves no cursor and turns no direction', () => {
    expect(toPrintable('a\u001B[2Jb\u0007c\rd\u202Ee\r\nf\tg')).toBe('abcde\nf\tg');
    expect(shown('`\u001B]8;;http://x\u0007y\u001B[1A`')).toEqual(['y']);
  });
});

describe('lines', () => {
  test('an emoji and a CJK character take two columns, style none', () => {
    expect([
      countColumns('👀'),
      countColumns('漢字'),
      countColumns('█░'),
      countColumns('\u001B[1mx\u001B[22m'),
    ]).toEqual([2, 4, 2, 1]);
  });

  test.each([
    ['emoji', '🫠👍🏽👩‍👩‍👧🇩🇪1️⃣❤️', 12],
    ['a character that is an emoji only with a variation selector', '❤', 1],
    ['CJK beyond the basic plane', '𠀀𪛖𫝀', 6],
    ['Hangul, kana and full-width letters', '한글カナＡＢ', 12],
    ['combining marks', 'e\u0301a\u0308\u0323', 2],
    ['zero-width characters', 'a\u200Bb\u2060', 2],
    ['mathematical letters beyond the basic plane', '𝟙𝕏', 2],
    ['a link', '\u001B]8;;https://x/y\u0007log\u001B]8;;\u0007', 3],
  ])('%s take as many columns as a terminal shows', (_kind, text, width) => {
    expect(countColumns(text)).toBe(width);
  });

  test('with characters beyond the basic plane are cut and aligned by their columns', () => {
    expect(wrapText('𠀀𠀀𠀀 🫠🫠', 4)).toEqual(['𠀀𠀀', '𠀀', '🫠🫠']);
    expect(cutText('𠀀e\u0301𠀀', 3)).toEqual(['𠀀é', '𠀀']);
    expect(shown('| 𠀀𠀀 | b |\n|---|---|\n| x | y |')).toEqual(['𠀀𠀀  b', 'x     y']);
  });

  test('are broken between words, and within a word that is too long', () => {
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapText('a bcdefgh i', 3)).toEqual(['a', 'bcd', 'efg', 'h i']);
    expect(wrapText('a\n\nb', 3)).toEqual(['a', '', 'b']);
    expect(wrapText('as long as it is', Infinity)).toEqual(['as long as it is']);
    expect(cutText('  x y', 3)).toEqual(['  x', ' y']);
    expect(cutText('漢字', 1)).toEqual(['漢', '字']);
  });
});
