import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { glob, readFile } from 'node:fs/promises';
import * as print from '../../../action/report/log.ts';

/* The runner as its ActionCommand.cs reads what a step prints: which commands does it carry out? */

/** As .NET's Char.IsWhiteSpace has it. */
const whiteSpace = /^[\t-\r\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

const commandOf = (line: string): string | undefined => {
  const trimmed = line.replace(whiteSpace, '');
  const [, second] = /^::(.*?)::/s.exec(trimmed) ?? [];
  if (second !== undefined) return second.split(' ')[0];
  const [, first] = /##\[(.*?)\]/s.exec(line) ?? [];
  return first?.split(' ')[0];
};

/** The names of the commands in what was printed; of a stop, only what comes before and after. */
const commandsIn = (printed: string): string[] => {
  let stopped: string | undefined;
  return printed.split(/\r\n|[\r\n]/).flatMap((line) => {
    const command = commandOf(line);
    if (stopped !== undefined) {
      if (command === stopped) stopped = undefined;
      return [];
    }
    if (command === 'stop-commands') stopped = line.split('::').at(-1);
    return command === undefined || command === 'stop-commands' ? [] : [command];
  });
};

const attack = 'set-output name=state;]completed';
/** A color hides `::` from the runner, but not from a terminal. */
const colored = '\u001b[31m::error::red';
const attacks = [
  '::set-output name=state::completed',
  ' \t ::set-output name=state::completed',
  '\u00a0\u3000::set-output name=state::completed',
  '\u0085::set-output name=state::completed',
  '\u2028::set-output name=state::completed',
  '\v\f::set-output name=state::completed',
  'first line\n::set-output name=state::completed',
  'first line\r::set-output name=state::completed',
  'first line\r\n  ::set-output name=state::completed',
  ':::set-output name=state::completed',
  `##[${attack}`,
  `words before ##[${attack}`,
  `###[${attack}`,
  `##[##[${attack}`,
  `## [x]##[${attack}`,
  'a ##[add-mask]completed',
  colored,
  '\u001b[31m##[error]red',
  'line\u2028##[error]split',
  '##[command]make',
  '##[group]folded\n##[endgroup]',
  '\0##[error]nul',
];

let printed = '';
const write = process.stdout.write.bind(process.stdout);
beforeEach(() => {
  printed = '';
  process.stdout.write = (text: string | Uint8Array) => {
    printed += String(text);
    return true;
  };
});
afterEach(() => {
  process.stdout.write = write;
});

test('the model of the runner sees these attacks', () => {
  for (const text of attacks.filter((each) => each !== colored))
    expect([text, commandsIn(text)]).not.toEqual([text, []]);
});

describe.each(attacks.map((text) => [JSON.stringify(text), text] as const))('%s', (_shown, text) => {
  test('is not a command in a line or an annotation', () => {
    print.info(text);
    expect(commandsIn(printed)).toEqual([]);
    expect(printed).not.toContain('##[');
    printed = '';
    print.warning(text);
    print.error(text, { title: text });
    print.notice(text, { title: text });
    expect(commandsIn(printed)).toEqual(['warning', 'error', 'notice']);
    expect(printed).not.toContain('##[');
  });

  test('is not a command in a group', () => {
    print.printUntrustedText(`Log of ${text}`, `${text}\n${text}`);
    print.printUntrustedGroup(`Log of ${text}`, `${text}\n${text}`);
    expect(commandsIn(printed)).toEqual(['group', 'endgroup']);
    expect(printed).not.toContain('##[');
  });
});

test('text without commands is printed unchanged', () => {
  for (const text of ['std::vector<int>', 'a: b', '## Heading', '[x]', 'https://[::1]/', 'ü::x'])
    print.info(text);
  expect(printed.trimEnd().split('\n')).toEqual([
    'std::vector<int>',
    'a: b',
    '## Heading',
    '[x]',
    'https://[::1]/',
    'ü::x',
  ]);
});

test('all output of the Action goes through it', async () => {
  const printing =
    /\b(?:info|warning|error|notice|debug|startGroup|group)\b[^}]*\} from '@actions\/core'|console\./;
  const files = await Array.fromAsync(glob('action/!(dist)/**/*.ts'));
  const all = [...files, ...(await Array.fromAsync(glob('action/*.ts')))];
  expect(all.length).toBeGreaterThan(30);
  const past = await Promise.all(
    all.map(async (file) => (printing.test(await readFile(file, 'utf8')) ? file : undefined)),
  );
  expect(past.filter(Boolean)).toEqual([]);
});
