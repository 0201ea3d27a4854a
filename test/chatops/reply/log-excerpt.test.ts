import { describe, expect, test } from '@jest/globals';
import type { JobState } from '../../../compute/client/index.ts';
import { renderLastLines, renderLogTail } from '../../../chatops/reply/log-excerpt.ts';

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, n) => `line ${n + 1}\n`).join('');
const render = (state: JobState, log: string, maxLength = 8_192) => renderLogTail(state, log, maxLength);

describe('the log of a finished task', () => {
  test.each(['completed', 'canceled', 'failed'] as const)('of up to five lines is open: %s', (state) => {
    expect(render(state, numbered(5))).toMatch(/^Log:\n\n```text\nline 1\n[^]*line 5\n```$/);
    expect(render(state, `\n \n${numbered(5)}\n\n`)).toMatch(/^Log:\n\n```text\nline 1\n/);
  });

  test('of more lines is collapsed if the task completed, and open if it failed', () => {
    expect(render('completed', numbered(6))).toMatch(
      /^<details><summary>End of the log<\/summary>\n\n```text/,
    );
    expect(render('failed', numbered(6))).toMatch(/^End of the log:\n\n```text\nline 1\n[^]*line 6\n```$/);
  });

  test('of a failed task with many lines shows the last twenty', () => {
    const [open = '', collapsed = ''] = render('failed', numbered(21))?.split('\n\n<details>') ?? [];
    expect(open).toMatch(/^End of the log:\n\n```text\nline 2\n[^]*line 21\n```$/);
    expect(collapsed).toContain('```text\nline 1\n```');
  });

  test.each([
    ['one endless line', 'x'.repeat(8_192)],
    ['binary bytes', '\uFFFD\u0000\u0001'.repeat(2_700)],
    ['nothing but backticks', '`'.repeat(8_192)],
    ['many empty lines in between', `a${'\n'.repeat(8_000)}b`],
  ])('fits: %s', (_, log) => {
    for (const state of ['completed', 'failed'] as const)
      for (const maxLength of [200, 8_192]) {
        const text = render(state, log, maxLength) ?? '';
        expect(text.length).toBeLessThan(3 * maxLength + 200);
        expect(text).toMatch(/^(?:End of the log:|<details>)/);
      }
  });

  test('without anything to see is not shown', () => {
    expect(render('failed', '\n \n\t\n')).toBeUndefined();
    expect(render('failed', '\u001B[31m\u001B[0m\n')).toBeUndefined();
  });
});

describe('the last lines of a running task', () => {
  test('are at most five, also where only carriage returns divide them', () => {
    expect(renderLastLines(numbered(9))).toMatch(
      /^Last lines of the log:\n\n```text\nline 5\n[^]*line 9\n```$/,
    );
    expect(renderLastLines('1 %\r2 %\r3 %\r4 %\r5 %\r6 %')).toContain('```text\n2 %\n');
  });

  test('are short, and not shown if there is nothing to see', () => {
    expect(renderLastLines('x'.repeat(2_048))?.length).toBeLessThan(1_200);
    expect(renderLastLines(' \n')).toBeUndefined();
  });
});
