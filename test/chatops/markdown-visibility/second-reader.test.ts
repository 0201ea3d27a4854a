import { expect, test } from '@jest/globals';
import { parseComment, defaultGrammar, type SecondReader } from '../../../chatops/command/index.ts';
import { collectPossibleKeys } from '../../../chatops/command/parser/parse-comment.ts';
import { checkVisibleLines } from '../../../chatops/markdown-visibility/second-reader/check-visible-lines.ts';
import { generateComments } from '../../../.ci/verify/markdown-visibility/random-comments.ts';
import { analyzeVisibility } from '../../../chatops/markdown-visibility/analyze-visibility.ts';
import { visibility } from '../../../chatops/markdown-visibility/visibility.ts';
import { visibleCommands, hiddenCommands } from '../../fixtures/comments/visibility-cases.ts';
import { summarizeCommands } from '../../fixtures/comments/parsed-commands.ts';

const second: SecondReader = async (text, lines) => checkVisibleLines({ text, lines });

const read = async (body: string, by: SecondReader = second): Promise<string[]> =>
  (await parseComment(body, defaultGrammar, by)).map((item) =>
    item.kind === 'command' ? item.command.canonical : `! ${item.errors.map(({ code }) => code).join(' ')}`,
  );

const slashesOf = (body: string): number[] =>
  [...body.matchAll(/^ {0,3}(?=\/)/gm)].map(({ 0: { length }, index }) => index + length);

test.each(Object.entries(visibleCommands))(
  'both readers see a command: %s',
  async (_, [body, ...expected]) => {
    expect(await read(body)).toEqual(expected);
  },
);

test('neither reader sees a command in hidden text', async () => {
  for (const body of Object.values(hiddenCommands))
    expect({ body, found: await read(body) }).toEqual({ body, found: [] });
});

test.each([
  'a list item’s comment:\n\n- <!--\n\n/run A\n\n<!-- -->',
  '<div>\n<a title="\n\n/run A\n\n<div>"></a>',
  '<details a="<"><summary>log</summary>\n\n/run A\n\n</details>',
  'a ~~b\n/run A\nc~~ d',
  '<s>\n\n/run A\n\n</s>',
  '<p dir="RTL">a\n/run A\n</p>',
  'a[^1]\n\n[^1]: b\n/run A',
  'a `b\n/run A\nc`',
  '> a\n/run A',
  '<img alt="\n/run A\n">',
])('the second reader alone does not see it: %j', (body) => {
  const lines = slashesOf(body);
  expect(checkVisibleLines({ text: body, lines })).toEqual(lines.map(() => false));
});

test('each line is checked separately, and each has a result', () => {
  const text = `${'/run A\n\n'.repeat(3)}\`\n/run A\n\`\n\n${'/run A\n'.repeat(600)}`;
  const seen = checkVisibleLines({ text, lines: slashesOf(text) });
  expect(seen.length).toBe(604);
  expect(seen.slice(0, 6)).toEqual([true, true, true, false, true, true]);
});

test('a command that only one reader sees is refused with its line; the other commands run', async () => {
  const body = 'Hi\n\n/run A x=1\n\n/help\n\n/run A x=1';
  const blind: SecondReader = async (text, lines) =>
    (await second(text, lines)).map((seen, n) => seen && n > 0);
  const [refused, ...others] = await parseComment(body, defaultGrammar, blind);
  expect(refused).toMatchObject({
    kind: 'invalid',
    heading: '/run A x=…',
    position: { line: 3, column: 1 },
    errors: [
      {
        code: 'unclear-text',
        position: { line: 3, column: 1 },
        message: 'Readers may not see this line as plain text, so write the command alone in a new comment',
      },
    ],
  });
  expect(others).toMatchObject([{ command: { name: 'help' } }, { command: { name: 'run', occurrence: 2 } }]);
});

test('without a result of the second reader, no line is a command', async () => {
  expect(await read('/run A', async () => [])).toEqual(['! unclear-text']);
});

test.each(['<div>\n\n/run A', '<VMName>\n\n/run A', 'Use List<String>\n/run A', '$$\n\n/run A\n\n$$'])(
  'what only our own caution covers is told, and not carried out: %j',
  async (body) => {
    expect(summarizeCommands(body)).toEqual([]);
    expect(await read(body)).toEqual(['! unclear-text']);
  },
);

test.each([
  '<details><summary>log</summary>\n\ntext\n\n</details>\n/run A',
  '<br>\n/run A',
  '<hr>\n  /run A\n',
  '<img src="a">\n/run A\n/run B',
  '<div>a</div>\n/run A\n\n/help',
])('a command right after a tag is refused: %j', async (body) => {
  const lines = slashesOf(body).map((at) => (body.startsWith('/help', at) ? '/help' : '! unclear-text'));
  expect(await read(body)).toEqual(lines);
  expect(summarizeCommands(body)).toEqual(lines.filter((line) => line === '/help'));
});

test.each([
  '<div>\n/run A\n</div>',
  '<details>\n<summary>\n/run A\n</summary></details>',
  '<!-- a\n/run A\n-->',
  '> <br>\n> /run A',
  '<pre></pre>\n<a title="\n/run A\n"></a>',
])('both readers see text within an element as text: %j', async (body) => {
  expect(await read(body)).toEqual([]);
});

test('commands from before an edit are recognized, regardless of the second reader', async () => {
  const before = collectPossibleKeys('/run A', defaultGrammar);
  for (const by of [second, async () => []])
    for (const { key } of await parseComment('/run A', defaultGrammar, by)) expect(before).toContain(key);
  // A command that was uncertain before the edit is new afterwards.
  const covered = collectPossibleKeys('<div>\n\n/run A', defaultGrammar);
  const [uncovered] = await parseComment('<div></div>\n\n/run A', defaultGrammar, second);
  expect(covered).not.toContain(uncovered?.key);
});

test('the second reader finds each certain line at the same position', () => {
  const { text, lines } = analyzeVisibility('a\r\n\r\n  /run A\r\n');
  expect(
    checkVisibleLines({
      text,
      lines: lines.filter(({ start }) => text[start] === '/').map(({ start }) => start),
    }),
  ).toEqual([true]);
});

test('the second reader confirms what our reader sees in random comments', () => {
  const bodies = generateComments(7);
  let seen = 0;
  for (let n = 0; n < 400; n++) {
    const { text, marks, lines } = analyzeVisibility(bodies.next().value);
    const ours = lines
      .map(({ start }) => start)
      .filter((start) => marks[start] === visibility.visible && text[start] === '/');
    const theirs = checkVisibleLines({ text, lines: ours });
    expect({ text, theirs }).toEqual({ text, theirs: ours.map(() => true) });
    seen += ours.length;
  }
  expect(seen).toBeGreaterThan(100);
});
