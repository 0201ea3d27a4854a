import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { truncateMarkdown } from '../../../chatops/markdown/truncate.ts';

const note = '… the rest is left out, as a comment holds no more.';

test('what fits stays', () => {
  expect(truncateMarkdown('a\n\nb', 4)).toBe('a\n\nb');
});

test('an open fence and an open fold are closed', () => {
  const markdown = `before\n\n<details><summary>Log</summary>\n\n\`\`\`\`text\n${'line\n'.repeat(100)}\`\`\`\`\n\n</details>`;
  const cut = truncateMarkdown(markdown, 200);
  expect(cut).toMatch(/line\n````\n\n<\/details>\n\n… the rest/);
  expect(cut.length).toBeLessThanOrEqual(200);
});

test('a fence of tildes, and one with ticks in it, are told apart', () => {
  expect(truncateMarkdown(`~~~\n\`\`\`\n${'x\n'.repeat(200)}~~~`, 100)).toMatch(/x\n~~~\n\n…/);
});

test('whole lines only, never more than the room', () => {
  const line = fc.constantFrom(
    '```',
    '````',
    '~~~',
    '<details>',
    '</details>',
    'text',
    '| a | b |',
    '',
    'x'.repeat(90),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.integer({ min: 60, max: 500 }), (lines, room) => {
      const markdown = lines.join('\n');
      const cut = truncateMarkdown(markdown, room);
      expect(cut.length).toBeLessThanOrEqual(room);
      if (cut !== markdown) expect(cut.endsWith(note)).toBe(true);
    }),
  );
});
