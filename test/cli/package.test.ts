import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { packCli } from '../../.ci/pack-cli.ts';
import { exitCodes } from '../../cli/exit-codes.ts';
import { runCoxswain } from '../fixtures/cli-process.ts';
import { createDataFolders } from '../fixtures/data-folders.ts';
import { startTestPlatform } from '../fixtures/local-platform.ts';

const folder = createDataFolders();

describe('the tarball of a release, installed in an empty folder', () => {
  let root: string;
  let program: string[];
  beforeAll(async () => {
    root = folder();
    const tarball = await packCli(folder(), '7.8.9');
    expect(tarball).toMatch(/coxswain-7\.8\.9\.tgz$/);
    // It has no dependencies, so npm needs no registry.
    await promisify(execFile)('npm', ['install', '--offline', '--prefix', root, tarball]);
    program = [process.execPath, realpathSync(join(root, 'node_modules/.bin/coxswain'))];
  }, 120_000);

  test('is one JavaScript file with its manual', async () => {
    expect(readdirSync(join(root, 'node_modules'))).toEqual(['.bin', '.package-lock.json', 'coxswain']);
    const files = readdirSync(join(root, 'node_modules/coxswain'), { recursive: true, encoding: 'utf8' });
    expect(files.sort()).toEqual(['LICENSE', 'README.md', 'dist', 'dist/coxswain.cjs', 'package.json']);
    const { stdout } = await runCoxswain(['--version'], { program, cwd: root });
    expect(stdout).toBe('7.8.9\n');
  });

  test('starts and follows jobs at an orchestrator, and lists, validates and completes', async () => {
    const platform = await startTestPlatform();
    try {
      const { url, key } = (await platform.file()).orchestrator;
      const environment = { COXSWAIN_ORCHESTRATOR_URL: url, COXSWAIN_KEY: key };
      const run = (...args: string[]) => runCoxswain(args, { program, cwd: root, environment });
      const hello = await run('run', 'Hello', 'who=tarball');
      expect([hello.code, hello.stdout]).toEqual([0, 'Hello, tarball!\n']);
      expect((await run('compute', '10', 'samples=5')).stdout).toContain('completed');
      expect((await run('jobs')).stdout).toContain('run Hello who=tarball');
      expect((await run('tasks', 'validate', join(process.cwd(), 'compute/tasks'))).code).toBe(0);
      expect((await run('comment', '/help', '--data', platform.folder)).stdout).toContain('/compute');
    } finally {
      await platform.remove();
    }
  }, 120_000);

  test.each(['start', 'demo'])('%s says that it needs a clone', async (command) => {
    const { code, stderr } = await runCoxswain([command], { program, cwd: root });
    expect([code, stderr]).toEqual([2, expect.stringContaining('runs only in a clone of the repository')]);
  });

  test('messages name the installed command', async () => {
    const { stdout } = await runCoxswain(['--help'], { program, cwd: root });
    expect(stdout).not.toContain('npx');
  });
});

describe('an older version of Node', () => {
  const read = () => readFileSync('dist/coxswain.cjs', 'utf8');

  test('is told which one is needed, before any of the program runs', () => {
    const [guard = ''] = read()
      .replace(/^#!.*\n/, '')
      .split('var moduleUrl');
    const printed: string[] = [];
    const exits: number[] = [];
    runInNewContext(guard, {
      process: { versions: { node: '18.20.1' }, exit: (code: number) => exits.push(code) },
      console: { error: (text: string) => printed.push(text) },
      Number,
    });
    expect(exits).toEqual([exitCodes.oldNode]);
    expect(printed).toEqual([
      expect.stringMatching(/^Coxswain requires Node 24 or newer; this is Node 18\.20\.1\. /),
    ]);
  });

  // Any that is installed must be able to read the whole file.
  const older = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((path) => join(path, 'node'))
    .filter((path) => {
      try {
        const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
        return Number(/^v(\d+)/.exec(version)?.[1]) < 24;
      } catch {
        return false;
      }
    });
  const whereInstalled = older.length > 0 ? test : test.skip;
  whereInstalled('prints it itself', async () => {
    for (const node of older)
      for (const file of ['dist/coxswain.cjs', 'cli/guard.cjs']) {
        const { code, stdout, stderr } = await runCoxswain(['--help'], { program: [node, file] });
        expect([code, stdout]).toEqual([exitCodes.oldNode, '']);
        expect(stderr).toContain('Coxswain requires Node 24');
      }
  });
});

test('npx finds the command of a clone, without the registry', async () => {
  const home = folder();
  mkdirSync(join(home, 'cache'));
  const { code, stdout } = await runCoxswain(['--no-install', 'coxswain', '--help'], {
    program: ['npx'],
    environment: { npm_config_cache: join(home, 'cache'), npm_config_offline: 'true' },
  });
  expect([code, stdout]).toEqual([0, expect.stringContaining('Usage: coxswain')]);
});
