import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  collectErrors,
  correctCommand,
  defaultGrammar,
  interpret,
  parseComment,
  type Grammar,
  type SecondReader,
} from '../../../chatops/command/index.ts';
import { checkVisibleLines } from '../../../chatops/markdown-visibility/second-reader/check-visible-lines.ts';
import { renderParseErrors } from '../../../chatops/reply/answers/index.ts';
import type { TaskDefinition, TaskParameter } from '../../../compute/client/index.ts';
import { parseOnlyItem } from '../../fixtures/comments/parsed-commands.ts';
import { grammars } from '../../fixtures/grammars.ts';

const parameter = (parameterName: string, more: Partial<TaskParameter> = {}): TaskParameter => ({
  parameterName,
  parameterType: 'string',
  required: false,
  secret: false,
  ...more,
});
const task = (taskName: string, ...scriptParameters: TaskParameter[]): TaskDefinition => ({
  taskName,
  dockerImage: 'image',
  scriptName: 'script.sh',
  scriptParameters,
});
const catalogue = [
  task(
    'StopVM',
    parameter('ResourceGroupName', { required: true }),
    parameter('VMName', { required: true, pattern: '[a-z0-9-]+' }),
    parameter('force', { parameterType: 'boolean' }),
    parameter('size', { allowed: ['small', 'large'] }),
    parameter('zone', { required: true, default: 'eu' }),
  ),
  task(
    'Backup',
    parameter('database', { required: true }),
    parameter('password', { secret: true }),
    parameter('token', { secret: true, required: true }),
  ),
];

const correct = (text: string, grammar: Grammar = defaultGrammar, wrong: readonly string[] = []) => {
  const item = parseOnlyItem(text, grammar);
  const command = item.kind === 'command' ? item.command : item.draft;
  return command && correctCommand(command, catalogue, grammar, wrong);
};

describe('the complete line for a command with mistakes', () => {
  test.each([
    ['nothing is given', '/run StopVM', '/run StopVM ResourceGroupName= VMName='],
    [
      'a required value is missing',
      '/run StopVM ResourceGroupName=rg-a',
      '/run StopVM ResourceGroupName=rg-a VMName=',
    ],
    [
      'a value has the wrong type',
      '/run StopVM ResourceGroupName=rg-a VMName=web-1 force=maybe',
      '/run StopVM ResourceGroupName=rg-a VMName=web-1 force=',
    ],
    [
      'a value is not allowed, and another does not match',
      '/run StopVM ResourceGroupName="two words" VMName=WEB size=huge',
      '/run StopVM ResourceGroupName="two words" VMName= size=',
    ],
    [
      'a name is mistyped',
      '/run StopVM resourcegroupname=rg-a VMNam=web-1',
      '/run StopVM ResourceGroupName=rg-a VMName=web-1',
    ],
    [
      'a name is unknown',
      '/run StopVM ResourceGroupName=rg-a VMName=web-1 hello=x',
      '/run StopVM ResourceGroupName=rg-a VMName=web-1',
    ],
    [
      'the value of a mistyped name is wrong',
      '/run StopVM ResourceGroupName=rg-a VMName=web-1 Size=huge',
      '/run StopVM ResourceGroupName=rg-a VMName=web-1 size=',
    ],
    [
      'a value has no name',
      '/run StopVM web-1 ResourceGroupName=rg-a',
      '/run StopVM ResourceGroupName=rg-a VMName=',
    ],
    [
      'a quotation mark is not closed',
      '/run StopVM ResourceGroupName=rg-a VMName="web-1',
      '/run StopVM ResourceGroupName=rg-a VMName=',
    ],
    [
      'a value would be masked in the reply',
      '/run StopVM ResourceGroupName=x&sig=abcdef VMName=WEB',
      '/run StopVM ResourceGroupName= VMName=',
    ],
    [
      'the command is explained',
      '/explain run StopVM ResourceGroupName=rg-a',
      '/explain run StopVM ResourceGroupName=rg-a VMName=',
    ],
  ])('keeps what was given if %s', (_what, text, line) => {
    expect(correct(text)).toEqual({ line, isIncomplete: line.endsWith('='), secrets: [] });
  });

  test('has the prefix that the repository requires', () => {
    const grammar = { prefix: 'ops', required: true };
    expect(correct('/ops run StopVM VMName=web-1', grammar)?.line).toBe(
      '/ops run StopVM VMName=web-1 ResourceGroupName=',
    );
  });

  test('has a place for a value that is wrong or missing for another reason', () => {
    const text = '/run StopVM ResourceGroupName=rg-a VMName=web-1';
    expect(correct(text, defaultGrammar, ['VMName', 'size'])?.line).toBe(
      '/run StopVM ResourceGroupName=rg-a VMName= size=',
    );
  });

  test('does not repeat secret values, nor values of unknown names that can be secrets', () => {
    expect(correct('/run Backup database=orders password=hunter2 token=hunter3 x')).toEqual({
      line: '/run Backup database=orders password= token=',
      isIncomplete: true,
      secrets: ['password', 'token'],
    });
    for (const text of ['/run Backup databse=hunter2', '/run Backup pasword=hunter2', '/run Backup hunter2'])
      expect(JSON.stringify(correct(text))).not.toContain('hunter');
  });

  test.each([
    ['an unknown task', '/run StopMV VMName=web-1'],
    ['another command', '/status job-1 x'],
    ['another command that is explained', '/explain status a b'],
    ['nothing to correct', '/run StopVM ResourceGroupName=rg-a VMName=web-1'],
    [
      'a line that would be too long',
      `/run StopVM ResourceGroupName='${'"'.repeat(1_000)}' zone='${'"'.repeat(1_000)}'`,
    ],
    ['a value that is given twice', '/run StopVM ResourceGroupName=rg-a VMName=web-1 VMName=web-2'],
  ])('does not exist for %s', (_what, text) => {
    expect(correct(text)).toBeUndefined();
  });

  test('leaves out what comes in the Action’s input `parameters`', () => {
    const item = parseOnlyItem('/run StopVM');
    if (item.kind !== 'command') throw new Error('expected a command');
    const command = { ...item.command, parameters: { VMName: 'web\n1' }, separate: ['VMName'] };
    expect(correctCommand(command, catalogue, defaultGrammar)?.line).toBe('/run StopVM ResourceGroupName=');
  });
});

const second: SecondReader = async (text, lines) => checkVisibleLines({ text, lines });

describe('any command with mistakes', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'web-1',
      'rg a',
      '',
      'true',
      'small',
      '`',
      '```',
      '~~~',
      '"',
      "it's",
      '<b>',
      '[x](y)',
      '\\',
    ),
    fc.constantFrom('/run Hello', '-->', '<!-- coxswain', '@mona', '“x”', 'https://x.y/<z', '=', 'x&sig=abc'),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
  );
  const name = fc.constantFrom(
    'ResourceGroupName',
    'VMName',
    'vmname',
    'force',
    'size',
    'sise',
    'zone',
    'other',
  );
  const quoted = word.map((text) => `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`);
  const argument = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(name, quoted).map((pair) => pair.join('=')) },
    fc.tuple(name, word).map((pair) => pair.join('=')),
    word,
  );
  const line = fc
    .tuple(fc.constantFrom('/run StopVM', '/explain run StopVM'), fc.array(argument, { maxLength: 6 }))
    .map(([start, rest]) => [start, ...rest].join(' ').replaceAll(/[\r\n\p{Zl}\p{Zp}]/gu, ' '));

  /** Values that the task of the test accepts, by parameter. */
  const accepted: Readonly<Record<string, string>> = {
    ResourceGroupName: '"rg with spaces"',
    VMName: 'web-9',
    force: 'false',
    size: 'large',
    zone: 'us',
  };

  test('gets a line that is no command in the reply, is refused until it is complete, and then runs', async () => {
    let corrections = 0;
    await fc.assert(
      fc.asyncProperty(line, fc.constantFrom(...grammars), async (text, grammar) => {
        const [item] = await parseComment(`/${grammar.prefix} ${text.slice(1)}`, grammar, second);
        const command = item?.kind === 'command' ? item.command : item?.draft;
        if (!item || !command) return;
        const corrected = correctCommand(command, catalogue, grammar);
        const read = item.kind === 'command' ? interpret(item.command, catalogue) : undefined;
        const errors =
          item.kind === 'command'
            ? read && 'errors' in read
              ? read.errors
              : []
            : collectErrors(item, catalogue);
        if (errors.length === 0) return expect(corrected).toBeUndefined();
        if (!corrected) return;
        corrections += 1;
        const reply = renderParseErrors('/run StopVM', errors, corrected);
        expect(await parseComment(reply, grammar, second)).toEqual([]);
        expect(reply.split('\n')).toContain(corrected.line);
        const [copy] = await parseComment(corrected.line, grammar, second);
        if (corrected.isIncomplete) expect(copy?.kind).toBe('invalid');
        const complete = corrected.line.replaceAll(
          /(?<= )(\w+)=(?= |$)/g,
          (found, key: string) => found + accepted[key],
        );
        const [again] = await parseComment(complete, grammar, second);
        if (again?.kind !== 'command') throw new Error(`expected a command: ${complete}`);
        expect(interpret(again.command, catalogue)).toHaveProperty('intent');
      }),
      { numRuns: 1_000 },
    );
    expect(corrections).toBeGreaterThan(100);
  });
});
