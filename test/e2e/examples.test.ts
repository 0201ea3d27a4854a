import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseCommands } from '../../chatops/command/index.ts';
import { runCoxswain } from '../fixtures/cli-process.ts';
import { createDataFolders } from '../fixtures/data-folders.ts';
import { startTestPlatform, type LocalPlatform } from '../fixtures/local-platform.ts';

/* Runs the examples of the documentation that people copy: the lines of its shell blocks, and the commands of the README. */

const folder = createDataFolders();
let platform: LocalPlatform;
let jobId: string;
beforeAll(async () => {
  platform = await startTestPlatform();
  const { stdout } = await runCoxswain(['run', 'Report', '--detach', '--data', platform.folder]);
  jobId = stdout.trim();
  await runCoxswain(['status', jobId, '--wait', '--data', platform.folder]);
}, 120_000);
afterAll(() => platform.remove(), 60_000);

/** Returns the lines of the shell blocks in a page, without their comments. */
const listShellLines = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');

/** The commands of our command line, as their arguments as a shell reads them. */
const toArguments = (line: string): string | undefined =>
  /^npm run say -- (.*)$/.exec(line)?.[1]?.replace(/^/, 'comment ') ??
  /^(?:npx --no-install )?coxswain (.*)$/.exec(line)?.[1];

const toLines = (path: string): [line: string, given: string][] =>
  listShellLines(path).flatMap((line): [string, string][] => {
    const given = toArguments(line);
    return given === undefined ? [] : [[line, given]];
  });

/** Runs a line in a shell, in a folder with the files that the examples name, beside the data folder of the platform. */
const runLine = async (given: string) => {
  const script = `
    cd "$1" && ln -s "$2" .coxswain && printf '1\\n2\\n3\\n' > numbers.jsonl && cp -r "$3/compute/tasks" my-tasks
    export HOME=$1 repository=$3 node=$4 id=job-$(openssl rand -hex 16)
    mkdir -p ~/.config/fish/completions
    coxswain() { "$node" "$repository/cli/guard.cjs" "$repository/cli/coxswain.ts" "$@"; }
    coxswain ${given.replaceAll('1a2b3c4d', jobId.slice(4, 12))}`;
  const program = ['bash', '-c', script, 'bash', folder(), platform.folder, process.cwd(), process.execPath];
  return runCoxswain([], { program });
};

describe('the examples of', () => {
  const pages = ['README.md', 'docs/cli.md'];
  test.each(pages.flatMap(toLines))('%s', async (_line, given) => {
    const { code, stdout, stderr } = await runLine(given);
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stdout).not.toMatch(/^ended with/m);
  });
});

/** The commands in code spans and blocks of a page that are complete: they have no placeholder. */
const listCommands = (path: string): string[] => {
  const text = readFileSync(path, 'utf8');
  const spans = [...text.matchAll(/`(\/[a-z]+(?: [^`\n]*)?)`/g)].map(([, command = '']) => command);
  const isComplete = (command: string) => !/[<[…]|\b[A-Z]{1,}\b/.test(command) && !/ key=/.test(command);
  return [...new Set(spans)].filter((command) => isComplete(command) && parseCommands(command).length > 0);
};

describe('the commands of the README', () => {
  const commands = listCommands('README.md').filter((command) => /^\/(?:run|compute) /.test(command));

  test('are found', () => {
    expect(commands.length).toBeGreaterThan(2);
  });

  test.each(commands)('%s is accepted', async (command) => {
    const { reply } = await platform.say(`/explain ${command.slice(1)}`);
    expect(reply?.body).toMatch(/would (?:run|start)|can run/i);
  });
});

test('StopVM, which examples of policies and workflows name, says on this machine what it needs', async () => {
  const { reply, jobs } = await platform.say('/run StopVM VMName=web-1 ResourceGroupName=rg-a');
  expect(jobs).toMatchObject([{ state: 'failed', result: { exitCode: 127 } }]);
  expect(reply?.body).toContain('This task needs the Azure CLI (az)');
});
