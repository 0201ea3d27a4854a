import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from '@jest/globals';
import { exitCodeMeanings, exitCodes } from '../../cli/exit-codes.ts';
import { createProgram } from '../../cli/program/program.ts';
import { runCoxswain } from '../fixtures/cli-process.ts';
import { createDataFolders } from '../fixtures/data-folders.ts';

const folder = createDataFolders();

const listCommands = (command: Command, path: string[] = []): [path: string, command: Command][] => [
  [path.join(' '), command],
  ...command.commands.flatMap((one) => listCommands(one, [...path, one.name()])),
];
const commands = listCommands(createProgram());

describe('the help', () => {
  test.each(commands)('of "%s" fits in 80 columns', (_path, command) => {
    let text = '';
    command
      .configureHelp({ ...command.configureHelp(), helpWidth: 80 })
      .configureOutput({ writeOut: (part) => (text += part) });
    command.outputHelp();
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain('--help');
  });

  test('goes to standard output with 0, a mistake to standard error with 2', async () => {
    const help = await runCoxswain(['--help']);
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('Follow and control jobs:');
    const wrong = await runCoxswain(['sttus']);
    expect([wrong.code, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('(Did you mean status?)');
    const option = await runCoxswain(['jobs', '--limit', 'many']);
    expect([option.code, option.stderr]).toEqual([
      2,
      expect.stringContaining("argument 'many' is invalid. Expected a whole number from 1 to 10000."),
    ]);
  });

  test('names the version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await runCoxswain(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

test('every command that answers has --json, and each exit code has its own number', () => {
  const without = commands.filter(
    ([, command]) => command.commands.length === 0 && !command.options.some(({ long }) => long === '--json'),
  );
  expect(without.map(([path]) => path)).toEqual(['completion']);
  expect(new Set(Object.values(exitCodes)).size).toBe(Object.keys(exitCodeMeanings).length);
});

/** A line that a person has typed, and words that the Tab key must offer, and must not offer. */
const completions: [line: string, offered: string[], others: string[]][] = [
  ['coxswain st', ['start', 'status'], ['jobs']],
  ['coxswain tasks ', ['list', 'validate'], ['start']],
  ['coxswain status --w', ['--wait'], ['--follow']],
  ['coxswain jobs --kind ', ['compute', 'task'], ['--json']],
  ['coxswain completion ', ['bash', 'zsh', 'fish'], ['start']],
  ['coxswain tasks list --js', ['--json'], []],
];

const hasShell = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;
const expectOffered = (answer: string, offered: string[], others: string[]): void => {
  const words = answer.split('\n').map((line) => line.split('\t')[0]?.trim());
  expect(words).toEqual(expect.arrayContaining(offered));
  for (const word of others) expect(words).not.toContain(word);
};

describe('completion', () => {
  test.each(completions)('in bash: %s', async (line, offered, others) => {
    const { stdout: script } = await runCoxswain(['completion', 'bash']);
    const words = line.split(' ');
    const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _coxswain; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const answer = execFileSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8' });
    expectOffered(answer, offered, others);
  });

  const inFish = hasShell('fish') ? test : test.skip;
  inFish.each(completions)('in fish: %s', async (line, offered, others) => {
    const { stdout: script } = await runCoxswain(['completion', 'fish']);
    const file = join(folder(), 'coxswain.fish');
    writeFileSync(file, script);
    const ask = `source ${file}; complete -C '${line}'`;
    expectOffered(execFileSync('fish', ['-c', ask], { encoding: 'utf8' }), offered, others);
  });

  test('in zsh is a script that zsh can read', async () => {
    const { stdout: script } = await runCoxswain(['completion', 'zsh']);
    expect(script).toMatch(/^#compdef coxswain\n/);
    if (!hasShell('zsh')) return;
    const file = join(folder(), '_coxswain');
    writeFileSync(file, script);
    const read = spawnSync('zsh', ['-fc', `autoload -Uz compinit; compinit -u; source ${file}`], {
      encoding: 'utf8',
    });
    expect([read.status, read.stderr]).toEqual([0, '']);
  });

  test('of another shell is refused', async () => {
    const { code, stderr } = await runCoxswain(['completion', 'csh']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Allowed choices are bash, zsh, fish')]);
  });
});
