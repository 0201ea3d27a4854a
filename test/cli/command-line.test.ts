import { hash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { Job } from '../../contracts/job.ts';
import { TaskFiles } from '../../contracts/task-files.ts';
import { TaskList } from '../../contracts/task-definition.ts';
import { runCoxswain, type CliOptions } from '../fixtures/cli-process.ts';
import { createDataFolders } from '../fixtures/data-folders.ts';
import { startTestPlatform, type LocalPlatform } from '../fixtures/local-platform.ts';

/* The commands against a local platform, each in its own process. */

const folder = createDataFolders();
let platform: LocalPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
}, 120_000);
afterAll(() => platform.remove(), 60_000);

const run = (args: readonly string[], options?: CliOptions) =>
  runCoxswain([...args, '--data', platform.folder], options);
const readJob = (text: string) => v.parse(Job, JSON.parse(text));

describe('a job', () => {
  test('of a task prints its log on standard output, and everything else beside it', async () => {
    const { code, stdout, stderr } = await run(['run', 'Hello', 'who=world']);
    expect([code, stdout]).toEqual([0, 'Hello, world!\n']);
    expect(stderr).toMatch(/^[0-9a-f]{8} accepted\n/);
    expect(stderr).toMatch(/[0-9a-f]{8} completed\n$/);
  });

  test('is a JSON object with --json, and repeated with its id it runs once', async () => {
    const id = `job-${'5'.repeat(32)}`;
    const args = ['compute', '20', 'samples=10', '--id', id, '--json'];
    const first = await run(args);
    const job = readJob(first.stdout);
    expect([first.code, job.id, job.state, job.progress?.done]).toEqual([0, id, 'completed', 20]);
    const again = await run(args);
    expect(again.stderr).toContain('nothing runs again');
    expect(readJob(again.stdout).createdAt).toBe(job.createdAt);
  });

  test('computes the lines of a file, and prints the result', async () => {
    const inputs = join(folder(), 'numbers.jsonl');
    writeFileSync(inputs, '1\n2\n3\n');
    const args = ['compute', '--inputs', inputs, '--algorithm', 'statistics'];
    const { code, stdout } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/mean +2\n/);
    const piped = await run(['compute', '--inputs', '-', '--algorithm', 'statistics', '--json'], {
      input: '4\n6\n',
    });
    expect(readJob(piped.stdout).result).toMatchObject({ mean: 5 });
  });

  test('reads parameters from standard input, so that a secret is no argument', async () => {
    const args = ['run', 'Hello', '--parameters', '-'];
    expect((await run(args, { input: '{"who": "stdin"}' })).stdout).toBe('Hello, stdin!\n');
    const wrong = await run(args, { input: '{"who": ["hunter2"]}' });
    expect([wrong.code, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('--parameters -, the field who: expected JSON such as');
    expect(wrong.stderr).not.toContain('hunter2');
  });

  test('that fails, is canceled, or is refused has its own exit code', async () => {
    const failed = await run(['run', 'StopVM', 'VMName=web-1', 'ResourceGroupName=rg-a']);
    expect(failed.code).toBe(1);
    const started = await run(['run', 'Countdown', 'seconds=600', '--detach', '--json']);
    const { id, outcome } = v.parse(
      v.object({ id: v.string(), outcome: v.string() }),
      JSON.parse(started.stdout),
    );
    expect([started.code, outcome]).toEqual([0, 'started']);
    expect((await run(['cancel', id.slice(0, 14)])).stdout).toContain('is being canceled');
    expect((await run(['status', id, '--wait'])).code).toBe(3);
    expect((await run(['cancel', id, '--json'])).stdout).toBe(`{"v":1,"id":"${id}","outcome":"ended"}\n`);
    const refused = await run(['run', 'Hello']);
    expect([refused.code, refused.stderr.split('\n', 1)]).toEqual([
      2,
      ['parameters.who: expected a string, received nothing'],
    ]);
  });
});

describe('a refused run of a task', () => {
  /** Runs the suggested command in a shell, after a change. */
  const runSuggestion = (stderr: string, change = (command: string) => command) => {
    const command = /^ {2}npx --no-install coxswain(?<rest> .*)$/m.exec(stderr)?.groups?.['rest'];
    if (command === undefined) throw new Error(`expected a command: ${stderr}`);
    const shell = `"${process.execPath}" cli/guard.cjs cli/coxswain.ts${change(command)}`;
    return runCoxswain([], { program: ['sh', '-c', shell] });
  };

  test('shows the complete command, which starts nothing until the missing value is in it', async () => {
    const { code, stdout, stderr } = await run(['run', 'Hello', '--timeout', '30']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'parameters.who: expected a string, received nothing\nAdd the missing values, each as name=value, and try again:\n' +
        `  npx --no-install coxswain run Hello who --timeout 30 --data ${platform.folder}\n`,
    );
    expect(await runSuggestion(stderr)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('received "who"'),
    });
    const complete = await runSuggestion(stderr, (command) => command.replace(' who ', ' who=world '));
    expect([complete.code, complete.stdout]).toEqual([0, 'Hello, world!\n']);
  });

  test('keeps the given values as a shell reads them, and corrects a mistyped name', async () => {
    const name = `it's "$HOME" & \`x\` \\ ünï`;
    const { stderr } = await run(['run', 'Hello', `woh=${name}`]);
    expect(stderr).toContain('To try again:\n');
    expect((await runSuggestion(stderr)).stdout).toBe(`Hello, ${name}!\n`);
  });

  test('replaces a wrong value of a file with a parameter to complete, and keeps the file', async () => {
    const file = join(folder(), 'parameters.json');
    writeFileSync(file, '{"place": "moon", "version": "1.2"}');
    const { stderr } = await run(['run', 'Deploy', '--parameters', file]);
    expect(stderr).toContain(` run Deploy place --parameters ${file} `);
    writeFileSync(file, '{"plaice": "moon", "version": "1.2"}');
    expect((await run(['run', 'Deploy', '--parameters', file])).stderr).not.toContain('try again');
  });
});

describe('a log', () => {
  test('is followed to the end of the job', async () => {
    const { stdout: id } = await run(['run', 'Countdown', 'seconds=3', '--detach']);
    const { code, stdout, stderr } = await run(['logs', id.trim(), '--follow']);
    expect([code, stdout]).toEqual([0, '3\n2\n1\nDone.\n']);
    expect(stderr).toMatch(/completed\n$/);
    expect((await run(['logs', id.trim()])).stdout).toBe('3\n2\n1\nDone.\n');
    const lines = (await run(['logs', id.trim(), '--follow', '--json'])).stdout.trim().split('\n');
    expect(readJob(lines.pop() ?? '').state).toBe('completed');
    const texts = lines.map((line) => v.parse(v.object({ text: v.string() }), JSON.parse(line)).text);
    expect(texts.join('')).toBe('3\n2\n1\nDone.\n');
  });

  test('of a job that goes on after Ctrl-C: the command says so, and how to cancel it', async () => {
    const { stdout } = await run(['run', 'Countdown', 'seconds=600', '--detach']);
    const id = stdout.trim();
    const short = id.slice(4, 12);
    const { code, stderr } = await run(['logs', id, '--follow'], { interruptAt: '600' });
    expect(code).toBe(130);
    expect(stderr).toContain(
      `The job ${short} continues. To cancel it: npx --no-install coxswain cancel ${short} --data ${platform.folder}`,
    );
    const job = await (await platform.jobs()).get(id);
    expect(job?.state).toBe('running');
    await run(['cancel', short]);
  });

  test('of a compute job does not exist', async () => {
    const { stdout } = await run(['compute', '1', '--detach']);
    const { code, stderr } = await run(['logs', stdout.trim()]);
    expect([code, stderr]).toEqual([4, expect.stringContaining('is a compute job, which has no log')]);
  });
});

describe('the files of a task', () => {
  test('are listed, and downloaded as they were delivered', async () => {
    const started = await run(['run', 'Report', 'days=3']);
    const [, id = ''] =
      /The task delivered 3 files\. To list them: npx --no-install coxswain files ([0-9a-f]{8})/.exec(
        started.stderr,
      ) ?? [];
    const listed = await run(['files', id]);
    expect(listed.stdout).toMatch(/^File +Bytes +Type\nsummary\.md +\d+ +text\/markdown/);
    const target = join(folder(), 'new', 'results');
    const downloaded = await run(['files', id, '--download', target, '--json']);
    const { files } = v.parse(v.object({ files: TaskFiles }), JSON.parse(downloaded.stdout));
    expect(readdirSync(target)).toEqual(['summary.md', 'visits.csv', 'visits.png']);
    for (const { name, sha256 } of files.delivered)
      expect(hash('sha256', readFileSync(join(target, name)))).toBe(sha256);
    const again = await run(['files', id, '--download', target]);
    expect([again.code, again.stderr]).toEqual([
      2,
      expect.stringContaining('already exists. To replace files, use --force.'),
    ]);
    expect((await run(['files', id, '--download', target, '--force'])).code).toBe(0);
    const wrong = await run(['files', id, '--download', '/proc/nope']);
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringContaining('no folder can be created there'),
    ]);
  });

  test('that delivered none do not exist', async () => {
    const { stdout } = await run(['run', 'Hello', 'who=x', '--json']);
    expect((await run(['files', readJob(stdout).id])).code).toBe(4);
  });
});

describe('lists', () => {
  test('of jobs are filtered, and limited', async () => {
    await run(['run', 'Hello', 'who=list']);
    await run(['compute', '2', 'samples=1']);
    const list = async (...args: string[]) =>
      v.parse(
        v.object({ jobs: v.array(Job), more: v.boolean() }),
        JSON.parse((await run(['jobs', '--json', ...args])).stdout),
      );
    const tasks = await list('--kind', 'task', '--limit', '1');
    expect(tasks).toMatchObject({ jobs: [{ kind: 'task', state: 'completed' }], more: true });
    const canceled = await list('--state', 'canceled,failed');
    expect(new Set(canceled.jobs.map(({ state }) => state))).toEqual(new Set(['canceled', 'failed']));
    expect(await list('--since', '2099-01-01')).toMatchObject({ jobs: [], more: false });
    const { stdout } = await run(['jobs', '--kind', 'task', '--limit', '1']);
    expect(stdout).toMatch(
      /^Job +State +Command +Thread +Created\n[0-9a-f]{8} +completed +run Hello who=list/,
    );
  });

  test('of tasks', async () => {
    const { stdout } = await run(['tasks', 'list', '--json']);
    const names = v.parse(TaskList, JSON.parse(stdout)).tasks.map(({ taskName }) => taskName);
    expect(names).toEqual(expect.arrayContaining(['Hello', 'Countdown']));
    expect((await run(['tasks', 'list'])).stdout).toContain('Greets a person.');
  });
});

describe('an id', () => {
  test('can be its first digits, if one job matches', async () => {
    const ids = ['a', 'b'].map((digit) => `job-7777${digit.repeat(28)}`);
    for (const id of ids) await run(['compute', '1', 'samples=1', '--id', id]);
    expect(readJob((await run(['status', '7777a', '--json'])).stdout).id).toBe(ids[0]);
    const both = await run(['status', '7777']);
    expect(both.code).toBe(4);
    expect(both.stderr).toContain('The ids of several jobs begin with 7777. Enter more digits:');
    for (const id of ids) expect(both.stderr).toContain(id);
    expect((await run(['status', '77'])).code).toBe(2);
    expect((await run(['status', '7778'])).code).toBe(4);
    expect((await run(['status', `job-${'9'.repeat(32)}`])).stderr).toContain('There is no job');
  });
});

describe('a comment', () => {
  test('shows its reply, and with --json the jobs; the exit code says how they ended', async () => {
    const done = await run(['comment', '/run Hello who=thread', '--json']);
    const answer = v.parse(
      v.object({ reply: v.string(), jobs: v.array(Job), reactions: v.array(v.string()) }),
      JSON.parse(done.stdout),
    );
    expect([done.code, answer.jobs[0]?.state]).toEqual([0, 'completed']);
    expect(answer.reply).toContain('/run Hello who=thread');
    const failed = await run(['comment', '/run StopVM VMName=a ResourceGroupName=b']);
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('failed')]);
    expect((await run(['comment', 'Good morning'])).stdout).toContain('contains no command');
    expect((await run(['comment', '/help', '--as', 'nobody'])).stderr).toContain('there is no user nobody');
  });

  test('that the platform refuses is a mistake in the command, not a platform that cannot be reached', async () => {
    const missing = await run(['comment', '/help', '--issue', '77']);
    expect([missing.code, missing.stderr]).toEqual([2, '--issue: there is no issue 77 in acme/ops.\n']);
    const long = await run(['comment', `/help ${'x'.repeat(70_000)}`]);
    expect([long.code, long.stderr]).toEqual([2, expect.stringContaining('GitHub refused')]);
  });

  test('whose reply is followed no longer after Ctrl-C: the command says that the job continues', async () => {
    const { code, stderr } = await run(['comment', '/run Countdown seconds=600'], {
      interruptAt: 'is running',
    });
    expect(code).toBe(130);
    const [, id = ''] = /The job ([0-9a-f]{8}) continues. To cancel it: npx --no-install/.exec(stderr) ?? [];
    expect(stderr).toContain('Its reply is in the thread: http://127.0.0.1:');
    expect((await run(['cancel', id])).code).toBe(0);
  });
});

test('a pipe that closes early is no error', async () => {
  const shell = `"${process.execPath}" cli/guard.cjs cli/coxswain.ts jobs --data "$0" --limit 100 | head -n 1`;
  const { code, stdout, stderr } = await runCoxswain([shell, platform.folder], { program: ['sh', '-c'] });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('Job');
});

test.each(['>', '2>'])('a full disk behind %s ends a command with one error', async (redirection) => {
  const shell = `"${process.execPath}" cli/guard.cjs cli/coxswain.ts ${redirection === '>' ? 'tasks list' : 'status zzz'} --data "$0" ${redirection} /dev/full`;
  const { code, stderr } = await runCoxswain([shell, platform.folder], { program: ['sh', '-c'] });
  expect(code).toBe(70);
  expect(stderr.match(/ENOSPC: no space/g) ?? []).toHaveLength(redirection === '>' ? 1 : 0);
});

test('commands find the platform of the folder .coxswain, and say how to start it if there is none', async () => {
  const { code, stderr } = await runCoxswain(['jobs', '--data', folder()]);
  expect(code).toBe(5);
  expect(stderr).toContain('Coxswain is not running with the data folder');
  expect(readFileSync('docs/cli.md', 'utf8')).toContain('| 5 |');
});
