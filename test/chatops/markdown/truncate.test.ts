import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { truncateMarkdown } from '../../../chatops/markdown/truncate.ts';

const note = '… The rest does not fit into a comment.';

test('a text that fits is unchanged', () => {
  expect(truncateMarkdown('a\n\nb', 4)).toBe('a\n\nb');
});

test('an open fence and an open details element are closed', () => {
  const markdown = `before\n\n<details><summary>Log</summary>\n\n\`\`\`\`text\n${'line\n'.repeat(100)}\`\`\`\`\n\n</details>`;
  const cut = truncateMarkdown(markdown, 200);
  expect(cut).toMatch(/line\n````\n\n<\/details>\n\n… The rest/);
  expect(cut.length).toBeLessThanOrEqual(200);
});

test('fences of tildes and fences of backticks are distinguished', () => {
  expect(truncateMarkdown(`~~~\n\`\`\`\n${'x\n'.repeat(200)}~~~`, 100)).toMatch(/x\n~~~\n\n…/);
});

test('the result has whole lines only and at most the maximum length', () => {
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
