import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { defaultGrammar, parseCommands, parseComment } from '../../../chatops/command/index.ts';
import { checkVisibleLines } from '../../../chatops/markdown-visibility/second-reader/check-visible-lines.ts';

/*
 * Comments as people write them, with commands: tables, footnotes, task lists, links, folded logs, quoted mail, templates, code,
 * images, Windows line ends, several languages. A more careful reader must still accept the commands in all of them.
 */
const Comments = v.array(v.object({ name: v.string(), body: v.string(), commands: v.array(v.string()) }));
const file = 'test/fixtures/comments/ordinary.json';
const comments = v.parse(Comments, JSON.parse(readFileSync(file, 'utf8')));

test('there are at least 300 different comments', () => {
  expect(new Set(comments.map(({ body }) => body)).size).toBe(comments.length);
  expect(comments.length).toBeGreaterThanOrEqual(300);
});

test('both readers see exactly the commands of each comment', async () => {
  for (const { name, body, commands } of comments) {
    const read = await parseComment(body, defaultGrammar, async (text, lines) =>
      checkVisibleLines({ text, lines }),
    );
    for (const items of [read, parseCommands(body)])
      expect({
        name,
        found: items.map((item) =>
          item.kind === 'command' ? item.command.canonical : JSON.stringify([body, item.errors]),
        ),
      }).toEqual({ name, found: commands });
  }
});
