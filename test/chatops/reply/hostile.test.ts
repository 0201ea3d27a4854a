import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { readCommands } from '../../../chatops/command/index.ts';
import * as say from '../../../chatops/reply/answers.ts';
import { readMarker, refreshReply, updateReply, type Section } from '../../../chatops/reply/index.ts';
import { compute, computed, task } from './jobs.ts';

const parse = (markdown: string): Nodes =>
  fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });

const nodesOf = (node: Nodes): Nodes[] => [
  node,
  ...('children' in node ? node.children.flatMap(nodesOf) : []),
];

/** Pieces that act in Markdown, on GitHub, or as commands of ours; each holds ζ, which nothing of ours does. */
const pieces = [
  '\n/compute 5ζ\n',
  '/cox runζ',
  '@ζoctocat',
  'acme/opsζ#1',
  '<img src=ζ>',
  '![ζ](https://ζ.example/a.png)',
  '[ζ](https://ζ.example)',
  'https://ζ.example?sig=seζcret',
  '\n```ζ\n',
  '\n~~~~ζ\n',
  '```````ζ',
  '`ζ',
  'ζ\\',
  '|ζ|',
  '\n| ζ | b |\n|---|---|\n',
  '-->ζ',
  '\n<!-- coxswain:section 0 answer 12345678 -->\nζ',
  '\n<!-- coxswain {"v":1,"comment":1,"jobs":[],"state":"12345678"} -->',
  '<!--ζ',
  '</details>ζ',
  '\n</details>\n\n# ζ\n',
  '\n---\nζ\n',
  '\r\n> ζ',
  '\u2028/compute 5ζ',
  '\u0000ζ\u001b[31m\u202e',
  '\ud800ζ',
  '&lt;ζ&#64;',
  '  \n\n\tζ',
];
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces),
      fc.string({ maxLength: 8 }).map((text) => `${text}ζ`),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
/** The same, and sometimes far too long. */
const long = fc.tuple(hostile, fc.constantFrom(1, 1, 1, 500)).map(([text, times]) => text.repeat(times));

const failure = fc.record({ block: fc.nat(), code: hostile, message: long });
const result = fc.oneof(
  long,
  fc.dictionary(hostile, fc.oneof(hostile, fc.integer())),
  fc.array(fc.array(hostile)),
);
const endings = fc.record({
  message: fc.option(long),
  endedBy: fc.option(hostile),
  failures: fc.array(failure, { maxLength: 12 }),
});

const jobSections = fc
  .tuple(hostile, hostile, result, long, endings, fc.constantFrom('failed', 'canceled', 'completed'))
  .map(([command, sender, result, logTail, ending, state]) => {
    const origin = { ...compute().origin, command, sender };
    const path = `run/${command}`;
    const links = { log: { path, url: `https://example.org/${encodeURIComponent(sender.toWellFormed())}` } };
    const script = { exitCode: 1, signal: sender, timedOut: false, logTail };
    return [
      computed({ ...ending, origin, result, state }),
      task({ ...ending, origin, result: script, links, state }),
      compute({ ...ending, origin, state: 'waiting' }),
    ];
  });

const sectionsOf = (jobs: ReturnType<typeof compute>[]): Section[] =>
  jobs.map((job, index) => ({ kind: 'job', index, job }));

/** HTML of ours, whole. */
const ourHtml = /^(<!-- coxswain[ :][^\n]* -->|<\/?sub>|<\/details>|<details><summary>[\w ]+<\/summary>)$/;

/** Blocks and spans of ours; rules are counted. */
const ours = 'root paragraph strong inlineCode code table tableRow tableCell thematicBreak'.split(' ');

const actsOf = (node: Nodes): string | undefined => {
  if (node.type === 'html') return ourHtml.test(node.value) ? undefined : node.value;
  if (node.type === 'text') return node.value.includes('ζ') ? node.value : undefined;
  if (node.type === 'link') return /^https:\/\/(example\.org|crew)/.test(node.url) ? undefined : node.url;
  return ours.includes(node.type) ? undefined : node.type;
};

const rulesIn = (body: string): number =>
  nodesOf(parse(body)).filter(({ type }) => type === 'thematicBreak').length;

/** The same where our sentences may quote others: then in words that do nothing. */
const quotedAct = (node: Nodes): string | undefined =>
  node.type === 'text' && !/[@#/<>[\]`*_|\\]/.test(node.value) ? undefined : actsOf(node);

test('whatever others wrote, nothing of it acts, and the reply keeps its form', () => {
  fc.assert(
    fc.property(jobSections, fc.boolean(), (jobs, isPublic) => {
      const { body, state } = updateReply(undefined, { comment: 9, sections: sectionsOf(jobs), isPublic });
      expect(body.length).toBeLessThanOrEqual(65_536);
      expect(body.isWellFormed()).toBe(true);
      expect(nodesOf(parse(body)).map(actsOf).filter(Boolean)).toEqual([]);
      expect(rulesIn(body)).toBe(jobs.length - 1);
      expect(readCommands(body)).toEqual([]);
      expect(body).not.toContain('seζcret');
      expect(readMarker(body)).toMatchObject({ comment: 9, state });
      expect(refreshReply(body, { comment: 9, jobs: [], isPublic })).toMatchObject({ body, changed: false });
    }),
    { numRuns: 100 },
  );
});

test('the same holds for what is said once', () => {
  const texts = fc.tuple(hostile, hostile, hostile, fc.option(hostile)).map(([a, b, c, received]) => [
    say.mistakes(a, [
      {
        code: 'x',
        position: { line: 1, column: 1 },
        message: b,
        expected: c,
        received,
        suggestion: received,
      },
    ]),
    say.notStarted(a, {
      outcome: 'refused',
      problem: { code: a, field: b, message: c, expected: c, received },
    }),
    say.notStarted(a, {
      outcome: 'refused',
      problem: { code: a, field: null, message: b, expected: null, received },
    }),
    say.notAllowed(a, b, { allowed: false, reason: 'level-too-low', needed: 'write', held: 'read' }),
    say.canceled({ outcome: 'not-found', id: a }),
    say.canceled({ outcome: 'stopping', job: compute({ origin: { command: a } }) }),
  ]);
  fc.assert(
    fc.property(texts, (markdowns) => {
      const sections = markdowns.map((markdown, index) => ({ kind: 'refusal', index, markdown }) as const);
      const { body } = updateReply(undefined, { comment: 9, sections, isPublic: false });
      const acting = nodesOf(parse(body)).filter(({ type }) => type !== 'list' && type !== 'listItem');
      expect(acting.map(quotedAct).filter(Boolean)).toEqual([]);
      expect(rulesIn(body)).toBe(markdowns.length - 1);
      expect(readCommands(body)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('many jobs with much to say still fit, whole and closed', () => {
  const log = '`'.repeat(5_000) + '\n@octocat\n'.repeat(300);
  const jobs = Array.from({ length: 60 }, (_, n) =>
    task({ id: `job-${String(n).padStart(32, '0')}`, result: { exitCode: 0, signal: null, logTail: log } }),
  );
  const { body } = updateReply(undefined, { comment: 9, sections: sectionsOf(jobs), isPublic: false });
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(nodesOf(parse(body)).map(actsOf).filter(Boolean)).toEqual([]);
  expect(rulesIn(body)).toBe(20);
  expect(body).toContain('40 more are not shown here.');
  expect(body).toMatch(/… \d+ characters left out …/);
});
