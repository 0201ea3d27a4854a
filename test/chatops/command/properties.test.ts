import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  findAddedCommands,
  collectErrors,
  commandNames,
  interpret,
  mayContainCommand,
  parseCommands,
  withPrefix,
} from '../../../chatops/command/index.ts';
import { getVisibleText } from '../../fixtures/comments/visible-text.ts';
import type { TaskDefinition } from '../../../compute/client/index.ts';
import { toCanonicalText } from '../../../chatops/command/canonical.ts';
import { isForbidden } from '../../../chatops/command/forbidden-characters.ts';
import { grammars } from '../../fixtures/grammars.ts';
import { parseOnlyCommand } from '../../fixtures/comments/parsed-commands.ts';

const pieces = [
  '/compute',
  '/run',
  '/cox',
  '/explain',
  'run',
  'cox',
  '/help',
  ' ',
  '\n',
  '=',
  '"',
  "'",
  '\\',
  '`',
  '<',
  '<!--',
  '-->',
  '[',
  '](',
  ')',
  '“',
  '”',
  '„',
  '«',
  '’',
  '\u00a0',
  '\ufeff',
  '\u200b',
  '1️⃣',
  '\u202e',
  '\t',
  '\r',
  'a',
  '1',
  'x=',
  '\ud83d',
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 30 })
    .map((parts) => parts.join('')),
);
const body = fc.oneof(
  text,
  text.map((rest) => `/compute ${rest}`),
  text.map((rest) => `\u00a0/compute ${rest}`),
  text.map((rest) => `/run ${rest}`),
  text.map((rest) => `/explain /cox ${rest}`),
  fc.tuple(fc.constantFrom(...commandNames), text).map(([name, rest]) => `/cox ${name} ${rest}`),
);
const grammar = fc.constantFrom(...grammars);

test('any text is parsed without throwing, and its visible text has the same length and lines', () => {
  fc.assert(
    fc.property(body, grammar, (body, grammar) => {
      const items = parseCommands(body, grammar);
      if (items.length > 0) expect(mayContainCommand(body)).toBe(true);
      for (const item of items) {
        expect(item.key).toMatch(/^[0-9a-f]{8}$/);
        if (item.kind === 'command') interpret(item.command, []);
        else expect(collectErrors(item, []).length).toBeGreaterThan(0);
      }
      const normal = body.replaceAll(/\r\n?/g, '\n');
      const visible = getVisibleText(body);
      expect(visible.length).toBe(normal.length);
      expect(visible.split('\n').map((line) => line.length)).toEqual(
        normal.split('\n').map((line) => line.length),
      );
    }),
    { numRuns: 1_500 },
  );
});

/** Values without forbidden characters. */
const value = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc
      .array(fc.constantFrom(...pieces, 'https://x.y/', 'www.a.b', '@', ']', '>', '<b>', ' \\'), {
        maxLength: 10,
      })
      .map((parts) => parts.join('')),
  )
  .map((text) => {
    const sound = Array.from(text.toWellFormed().replaceAll(/[\t\n\r]/g, ' ')).filter(
      (char) => !isForbidden(char, ''),
    );
    return sound.join('');
  });
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,10}$/);
const commands = fc
  .record({
    name: fc.constantFrom(...commandNames),
    explained: fc.constantFrom(...commandNames),
    positionals: fc.array(value, { maxLength: 3 }),
    parameters: fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }),
  })
  .map(({ explained, positionals, ...rest }) => ({
    ...rest,
    positionals: rest.name === 'explain' ? [explained, ...positionals] : positionals,
  }));

test('a canonical text parses back to its command, and to itself, however commands are written', () => {
  fc.assert(
    fc.property(commands, grammar, (written, grammar) => {
      const canonical = toCanonicalText(written);
      expect(canonical).not.toContain('\n');
      const { prefix } = grammar;
      const prefixed = `/${prefix} ${canonical.slice(1)}`;
      for (const [text, under] of [
        [canonical],
        [prefixed, grammar],
        [withPrefix(canonical, grammar), grammar],
      ] as const) {
        const read = parseOnlyCommand(text, under);
        expect(read).toMatchObject({ name: written.name, positionals: written.positionals, canonical });
        expect(Object.fromEntries(Object.entries(read.parameters))).toEqual(written.parameters);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the canonical text of any /explain parses back to itself', () => {
  fc.assert(
    fc.property(body, grammar, (rest, grammar) => {
      const line = `/${grammar.prefix} explain ${rest.replaceAll(/[\r\n]/g, ' ')}`;
      for (const item of parseCommands(line, grammar)) {
        if (item.kind !== 'command') continue;
        const { canonical } = item.command;
        const again = parseOnlyCommand(`/${grammar.prefix} ${canonical.slice(1)}`, grammar);
        expect(again.canonical).toBe(canonical);
      }
    }),
  );
});

const masks: Record<string, (line: string) => string> = {
  fence: (line) => `~~~~~\n${line}\n~~~~~`,
  quote: (line) => `> ${line}`,
  code: (line) => `    ${line}`,
  comment: (line) => `<!-- x\n${line.replaceAll('-->', '')}\n-->`,
  item: (line) => `- ${line}`,
  element: (line) => `<pre>\n${line.replaceAll('</', '')}\n</pre>`,
};

test('a command that is masked never runs', () => {
  fc.assert(
    fc.property(commands, fc.constantFrom(...Object.keys(masks)), grammar, (written, mask, grammar) => {
      const masked = masks[mask]?.(`/${grammar.prefix} ${toCanonicalText(written).slice(1)}`) ?? '';
      expect(parseCommands(`Look:\n\n${masked}\n`, grammar)).toEqual([]);
    }),
  );
});

const lines = fc.array(fc.constantFrom('/run A', '/run A x=1', '/cox run B', '/hlep', '/run "', 'text', ''), {
  maxLength: 8,
});
const bodyOf = (parts: readonly string[]): string => parts.join('\n\n');

test('an edit that changes nothing, or only moves lines, adds no command', () => {
  fc.assert(
    fc.property(body, (body) => {
      expect(findAddedCommands(body, body)).toEqual([]);
    }),
  );
  const moved = lines.chain((lines) =>
    fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
  );
  fc.assert(
    fc.property(moved, ([before, after]) => {
      expect(findAddedCommands(bodyOf(before), bodyOf(after))).toEqual([]);
    }),
  );
});

test('an edit adds the surplus of each command; keys distinguish the commands of a comment', () => {
  fc.assert(
    fc.property(lines, lines, (before, more) => {
      const after = [...more, ...before];
      const items = parseCommands(bodyOf(after));
      expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
      expect(findAddedCommands(bodyOf(before), bodyOf(after))).toHaveLength(
        parseCommands(bodyOf(more)).length,
      );
    }),
  );
});

const secretTask: TaskDefinition = {
  taskName: 'T',
  dockerImage: 'x',
  scriptName: 'y',
  scriptParameters: (['string', 'number', 'integer', 'boolean'] as const).map((parameterType) => ({
    parameterName: parameterType,
    parameterType,
    required: true,
    secret: true,
    allowed: ['nothing of this'],
  })),
};

test('the value of a secret parameter is in no error', () => {
  const mark = 'zqjx';
  const parameter = fc
    .tuple(fc.constantFrom('string', 'number', 'strng', 'Boolean'), value)
    .map(([name, value]) => [name, `${mark}${value}`] as const);
  const stray = fc.constantFrom('', '"', '"x', ' "', " 'a", ' \u202e', '<b>', ' x=');
  fc.assert(
    fc.property(
      fc.array(parameter, { maxLength: 4 }),
      fc.constantFrom('/run T', '/run', '/rnu T', '/cox rnu T', '/explain run T', '/explain /rnu T'),
      stray,
      (given, start, end) => {
        const line = `${[start, ...given.map(([name, value]) => `${name}='${value.replaceAll("'", '')}'`)].join(' ')}${end}`;
        for (const item of parseCommands(line)) {
          const interpreted =
            item.kind === 'command'
              ? interpret(item.command, [secretTask])
              : { errors: collectErrors(item, [secretTask]), heading: item.heading };
          if ('errors' in interpreted) expect(JSON.stringify(interpreted)).not.toContain(mark);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

/** A line of free text, with parts that Markdown turns into links, tags or formatting. */
const prose = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'x=1',
        "'tis",
        '19"',
        '"no"',
        "it's",
        'a=',
        '=',
        'reason=',
        'https://x.y/?id=42',
        '--',
        '/run',
        '@b',
        '#7',
        '[x](https://x.y "z")',
        '![x](y)',
        '<b>no</b>',
        'Vec<T>',
        '~~no~~',
        '&amp;',
        '$a$',
        '`x`',
        '\u200d',
        '\u202e',
      ),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((words) => words.join(' ').replaceAll(/\s+/g, ' ').trim())
  .filter((text) => {
    // HTML comments are removed, and after these characters it is uncertain where lines end.
    const isLine = !/<!--|[\0\v\f\p{Zl}\p{Zp}\p{Cs}]/u.test(text);
    // The quotes around a whole text are removed, and so is `reason=`.
    return isLine && text !== '' && !/^(?:reason=|\p{Quotation_Mark}.*\p{Quotation_Mark}$)/u.test(text);
  });

test('any free text is kept as written, and its canonical text parses back to it', () => {
  fc.assert(
    fc.property(prose, (text) => {
      for (const [line, reason] of [
        [`/reject 3k7v9q2m4x ${text}`, text],
        [`/reject 3k7v9q2m4x reason=${text}`, text],
        [`/lock vm/web-1 reason=${text}`, text],
        [`/explain reject 3k7v9q2m4x ${text}`, undefined],
      ] as const) {
        const read = parseOnlyCommand(line);
        for (const again of [read, parseOnlyCommand(read.canonical)]) {
          const interpreted = interpret(again, []);
          if (reason === undefined) expect(again.canonical).toBe(read.canonical);
          else expect(interpreted).toMatchObject({ intent: { reason } });
        }
      }
    }),
    { numRuns: 2_000, examples: [["'tis Vec<T> it's x=1"]] },
  );
});
