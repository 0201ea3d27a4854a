import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allMistakes, interpret, readCommands, visibleText } from '../../../chatops/command/index.ts';
import type { TaskDefinition } from '../../../compute/client/index.ts';
import { canonicalOf } from '../../../chatops/command/canonical.ts';
import { isRefused } from '../../../chatops/command/characters.ts';
import { command } from './written.ts';

const pieces = [
  '/compute',
  '/run',
  '/cox',
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
  text.map((rest) => `/run ${rest}`),
);

test('any text is read without a throw, and its visible text has its length and lines', () => {
  fc.assert(
    fc.property(body, (body) => {
      for (const item of readCommands(body)) {
        if (item.kind === 'command') interpret(item.command, []);
        else expect(allMistakes(item, []).length).toBeGreaterThan(0);
      }
      const normal = body.replaceAll(/\r\n?/g, '\n');
      const visible = visibleText(body);
      expect(visible.length).toBe(normal.length);
      expect(visible.split('\n').map((line) => line.length)).toEqual(
        normal.split('\n').map((line) => line.length),
      );
    }),
    { numRuns: 1_500 },
  );
});

/** Values without a character that is refused. */
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
      (char) => !isRefused(char, ''),
    );
    return sound.join('');
  });
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,10}$/);
const commands = fc.record({
  name: fc.constantFrom('compute', 'run', 'cancel', 'help', 'tasks'),
  positionals: fc.array(value, { maxLength: 3 }),
  parameters: fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }),
});

test('a canonical text parses back to its command, and to itself', () => {
  fc.assert(
    fc.property(commands, (written) => {
      const canonical = canonicalOf(written);
      expect(canonical).not.toContain('\n');
      const read = command(canonical);
      expect(read).toMatchObject({ name: written.name, positionals: written.positionals, canonical });
      expect(Object.fromEntries(Object.entries(read.parameters))).toEqual(written.parameters);
    }),
    { numRuns: 2_000 },
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

test('the value of a secret parameter stands in no mistake', () => {
  const mark = 'zqjx';
  const parameter = fc
    .tuple(fc.constantFrom('string', 'number', 'strng', 'Boolean'), value)
    .map(([name, value]) => [name, `${mark}${value}`] as const);
  const stray = fc.constantFrom('', '"', '"x', ' "', " 'a", ' \u202e', '<b>', ' x=');
  fc.assert(
    fc.property(
      fc.array(parameter, { maxLength: 4 }),
      fc.constantFrom('/run T', '/run', '/rnu T', '/cox rnu T'),
      stray,
      (given, start, end) => {
        const line = `${[start, ...given.map(([name, value]) => `${name}='${value.replaceAll("'", '')}'`)].join(' ')}${end}`;
        for (const item of readCommands(line)) {
          const meaning =
            item.kind === 'command'
              ? interpret(item.command, [secretTask])
              : { mistakes: allMistakes(item, [secretTask]), heading: item.heading };
          if ('mistakes' in meaning) expect(JSON.stringify(meaning)).not.toContain(mark);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
