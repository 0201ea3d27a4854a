import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { inlineProcesses } from '../../.ci/process-files.ts';
import { listen } from '../../runtime/http-server.ts';
import { TaskQueueFullError, ProcessTask, type ProcessTaskOptions } from '../../runtime/process-task.ts';
import {
  createProgramFolder,
  toRuntimeModuleUrl,
  type TestProgramFolder,
} from '../fixtures/program-folder.ts';

/* Limits are generous or certain to be exceeded: no test depends on how fast a process is. */

const plenty = { maxMilliseconds: 60_000, maxMegabytes: 64 };
const endless = 'for (;;) {}';
const returned = (value: unknown) => ({ kind: 'returned', value });

/** Whether a process runs. One that has ended, but whose parent has not noticed yet, does not. */
const isRunning = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
};
const hasEnded = async (pid: number): Promise<void> => {
  while (isRunning(pid)) await wait(20);
};

let programs: TestProgramFolder;
beforeAll(async () => {
  programs = await createProgramFolder();
});
afterAll(() => programs.remove());

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((task) => task.close()));
});

let entries = 0;
/** Writes an entry that serves a function. @param body of a function of `input` */
const entryOf = async (body: string): Promise<URL> => {
  const source = `import { serveTasks } from '${toRuntimeModuleUrl('serve-tasks.ts')}';
    let calls = 0;
    serveTasks((input) => { ${body} });`;
  return pathToFileURL(await programs.write(`entry-${(entries += 1)}`, source));
};
const taskOf = async (body: string, options: Partial<ProcessTaskOptions> = {}) => {
  const task = new ProcessTask<unknown, unknown>({ entry: await entryOf(body), ...plenty, ...options });
  open.push(task);
  return task;
};
/** Tries until a run returns something. */
const nextReturned = async (task: ProcessTask<unknown, unknown>, input: unknown) => {
  for (;;) {
    const outcome = await task.run(input).catch(() => undefined);
    if (outcome?.kind === 'returned') return outcome.value;
  }
};

describe('a function in a process', () => {
  test('gets copies of inputs, one call after another, in one process', async () => {
    const task = await taskOf(
      'calls += 1; return { calls, twice: [input.text, input.text], of: process.pid };',
    );
    const outcomes = await Promise.all(['a', 'b', 'c'].map((text) => task.run({ text })));
    const of = expect.any(Number);
    expect(outcomes).toEqual(
      ['a', 'b', 'c'].map((text, n) => returned({ calls: n + 1, twice: [text, text], of })),
    );
    expect(outcomes[0]).not.toMatchObject({ value: { of: process.pid } });
  });

  test('may be asynchronous', async () => {
    const task = await taskOf('return new Promise((done) => setTimeout(() => done(input), 1));');
    expect(await task.run('later')).toEqual(returned('later'));
  });

  test('that exceeds the time limit is ended; later calls have a new process', async () => {
    const task = await taskOf(`if (input === 'endless') ${endless} return process.pid;`, {
      maxMilliseconds: 1_000,
    });
    const before = await nextReturned(task, 'pid');
    expect(await task.run('endless')).toEqual({ kind: 'timed-out' });
    expect(isRunning(before as number)).toBe(false);
    expect(await nextReturned(task, 'pid')).not.toBe(before);
  });

  // Each of these made a thread hang, or abort the process it belongs to, in a few tries (Node 24.21).
  test.each([
    ['arrays', 'const held = []; for (;;) held.push(Array(1_000).fill(held.length));'],
    ['strings', 'const held = []; for (;;) held.push("x".repeat(1_000) + held.length);'],
    ['maps', 'const held = new Map(); for (let n = 0; ; n += 1) held.set(n, { n });'],
    [
      'one large array',
      'const held = []; held.length = 2 ** 25; held.fill(1); for (;;) held.push(held.slice());',
    ],
    ['a list', 'let held; for (;;) held = { held, text: "k" + Math.random() };'],
    [
      'patterns',
      'const held = []; for (let n = 0; ; n += 1) { const pattern = new RegExp(`(?:a${n}|b){1,9}`.repeat(20)); pattern.test("ab"); held.push(pattern, Array(99).fill(n)); }',
    ],
  ])('that exceeds the memory limit by %s is ended; this process and later calls go on', async (_, grow) => {
    const task = await taskOf(`if (input === 'grow') { ${grow} } return input;`, { maxMegabytes: 24 });
    for (let n = 0; n < 2; n += 1) expect(await task.run('grow')).toEqual({ kind: 'out-of-memory' });
    expect(await task.run('small')).toEqual(returned('small'));
  });

  test('leaves the event loop to others while it runs', async () => {
    const served = await listen((_, response) => void response.end('here'), { what: 'a test', port: 0 });
    const task = await taskOf(`if (input === 'endless') ${endless} return input;`);
    const run = task.run('endless');
    let ended = false;
    const end = run.catch(() => (ended = true));
    // The endless call is under way or about to be: it cannot have ended, and requests are answered.
    for (let n = 0; n < 20; n += 1) expect(await (await fetch(served.url)).text()).toBe('here');
    expect(ended).toBe(false);
    await task.close();
    await end;
    expect(ended).toBe(true);
    await served.close();
  });

  test('that throws is an error with its cause, and the process is kept', async () => {
    const task = await taskOf(
      `calls += 1; if (input === 'throw') throw Object.assign(new TypeError('no good'), { held: () => {} });
       if (input === 'text') throw 'a text'; return calls;`,
    );
    const fault = await task.run('throw').catch((error: unknown) => error);
    expect(fault).toMatchObject({ message: 'A task failed in the child process' });
    expect((fault as Error).cause).toMatchObject({ name: 'TypeError', message: 'no good' });
    await expect(task.run('text')).rejects.toMatchObject({ cause: { message: 'a text' } });
    expect(await task.run('')).toEqual(returned(3));
  });

  test('that ends its process, by exit, a signal or an error between two calls, is an error or starts a new one', async () => {
    const task = await taskOf(
      `calls += 1;
       if (input === 'exit') process.exit(3);
       if (input === 'abort') process.abort();
       if (input === 'later') setTimeout(() => { throw new Error('late'); }, 0);
       return calls;`,
    );
    await expect(task.run('exit')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('The child process ended with code 3') },
    });
    await expect(task.run('abort')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('The child process ended with SIGABRT') },
    });
    expect(await task.run('later')).toEqual(returned(1));
    // The call may still reach the process that is about to end. Then it fails, and the next one has a new process.
    while ((await nextReturned(task, '')) !== 1);
  });

  test.each([
    ['no answer at all', 'process.send("garbage"); return 1;'],
    ['an answer of an unknown kind', 'process.send({ kind: "granted", id: 2, value: true }); return 1;'],
    [
      'an answer to another question',
      'process.send({ kind: "returned", id: 7, value: "forged" }); return 1;',
    ],
    ['an error that is none', 'process.send({ kind: "threw", id: 2, error: null }); return 1;'],
  ])('whose process sends %s is an error; the next call has a new process', async (_, body) => {
    const task = await taskOf(`if (input === 'garbage') { ${body} } return process.pid;`);
    await expect(task.run('garbage')).rejects.toMatchObject({
      cause: { message: 'The child process sent a message that does not answer its question' },
    });
    const after = await task.run('');
    expect(after).toEqual(returned(expect.any(Number)));
    expect(await task.run('')).toEqual(after);
  });

  test('that writes without end to its standard output and error still answers', async () => {
    const task = await taskOf(
      'for (let n = 0; n < 200; n += 1) { console.log("x".repeat(10_000)); console.error("y".repeat(10_000)); } return 1;',
    );
    expect(await task.run('')).toEqual(returned(1));
  });

  test('whose entry cannot be loaded is an error with its cause', async () => {
    const path = await programs.write('broken', "import './nothing.mjs';");
    const task = new ProcessTask({ entry: pathToFileURL(path), ...plenty });
    open.push(task);
    await expect(task.run('')).rejects.toMatchObject({
      message: 'Could not start a child process',
      cause: { message: expect.stringContaining('nothing.mjs') },
    });
  });

  test('whose process fails repeatedly is restarted after growing delays', async () => {
    const pauses: number[] = [];
    const pause = (milliseconds: number) => Promise.resolve(pauses.push(milliseconds));
    const task = await taskOf(`if (input === 'exit') process.exit(1); return input;`, { pause });
    for (let n = 0; n < 5; n += 1) await expect(task.run('exit')).rejects.toThrow();
    expect(pauses).toEqual([0, 0, 200, 400, 800]);
    expect(await task.run('good')).toEqual(returned('good'));
    await expect(task.run('exit')).rejects.toThrow();
    expect(await task.run('good')).toEqual(returned('good'));
    expect(pauses.slice(5)).toEqual([1_600, 0]);
  });

  test('takes no input or value that cannot be copied, and goes on', async () => {
    const task = await taskOf('return input === 1 ? () => {} : input;');
    await expect(task.run(() => {})).rejects.toMatchObject({
      cause: { message: 'Could not copy the input to the child process' },
    });
    await expect(task.run(1)).rejects.toThrow('A task failed in the child process');
    expect(await task.run(2)).toEqual(returned(2));
  });

  test('refuses calls beyond those that may wait', async () => {
    const task = await taskOf('return input;', { maxWaiting: 2 });
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => task.run(n)));
    const refusal = expect.objectContaining({ status: 'rejected', reason: expect.any(TaskQueueFullError) });
    expect(outcomes).toEqual([
      ...[1, 2, 3].map((n) => ({ status: 'fulfilled', value: returned(n) })),
      refusal,
      refusal,
    ]);
    expect(await task.run(6)).toEqual(returned(6));
  });

  test('once closed, takes nothing more; what ran and waited has failed, and the process has ended', async () => {
    const task = await taskOf(`if (input === 'endless') ${endless} return process.pid;`);
    const pid = await nextReturned(task, '');
    const runs = ['endless', 2].map((input) => expect(task.run(input)).rejects.toThrow());
    await task.close();
    await Promise.all(runs);
    expect(isRunning(pid as number)).toBe(false);
    await expect(task.run(3)).rejects.toThrow('The child process is closed');
  });

  test('can be closed while its process starts, and while it waits to start one again', async () => {
    const starting = await taskOf('return input;');
    const run = expect(starting.run(1)).rejects.toThrow();
    await starting.close();
    await run;
    const pausing = Promise.withResolvers<void>();
    const pause = (_: number, signal: AbortSignal) =>
      new Promise((_done, abort) => {
        pausing.resolve();
        signal.addEventListener('abort', () => abort(signal.reason as Error));
      });
    const waiting = await taskOf('return input;', { pause });
    const later = expect(waiting.run(1)).rejects.toThrow('The child process is closed');
    await pausing.promise;
    await waiting.close();
    await later;
  });

  test('that is no longer called ends its process', async () => {
    const task = await taskOf('return process.pid;', { idleMilliseconds: 1 });
    const first = await nextReturned(task, '');
    await hasEnded(first as number);
    expect(await nextReturned(task, '')).not.toBe(first);
  });
});

describe('the process of a function', () => {
  /** Starts a program that runs the function twice: with "pid", whose value it prints, and with "busy". */
  const startOwner = async (
    body: string,
    ownerOptions: { between?: string; env?: NodeJS.ProcessEnv } = {},
  ) => {
    const entry = (await entryOf(body)).href;
    const program = await programs.write(
      `owner-${entries}`,
      `import { ProcessTask } from '${toRuntimeModuleUrl('process-task.ts')}';
       const task = new ProcessTask({ entry: new URL('${entry}'), maxMilliseconds: 1_000, maxMegabytes: 64 });
       for (;;) {
         const { kind, value } = await task.run('first');
         if (kind !== 'returned') continue;
         console.log(JSON.stringify(value));
         break;
       }
       ${ownerOptions.between ?? ''}`,
    );
    const owner = spawn(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...ownerOptions.env },
    });
    const lines = createInterface({ input: owner.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    return { owner, value: JSON.parse(line) as Record<string, unknown> };
  };
  const keepAlive = 'setInterval(() => {}, 1_000);';
  const pidThenEndless = `if (input === 'first') return { pid: process.pid }; ${endless}`;

  test.each([
    ['idle', keepAlive],
    ['busy', `${keepAlive} void task.run('busy').catch(() => {});`],
  ])('ends if its owner is killed while it is %s', async (_, between) => {
    const { owner, value } = await startOwner(pidThenEndless, { between });
    const pid = value['pid'] as number;
    expect(isRunning(pid)).toBe(true);
    owner.kill('SIGKILL');
    await once(owner, 'close');
    await hasEnded(pid);
  });

  test('ends with its owner, busy or not', async () => {
    const between = `void task.run('busy').catch(() => {}); setTimeout(() => process.exit(), 50);`;
    const { owner, value } = await startOwner(pidThenEndless, { between });
    await once(owner, 'close');
    await hasEnded(value['pid'] as number);
  });

  test('is not in the process group that Ctrl-C reaches', async () => {
    const stat = `require('node:fs').readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')[2]`;
    const task = await taskOf(
      `const require = process.getBuiltinModule('node:module').createRequire('/'); return { group: ${stat}, pid: String(process.pid) };`,
    );
    const { group, pid } = (await nextReturned(task, '')) as Record<string, string>;
    expect(group).toBe(pid);
  });

  test('has nothing of its owner’s environment, arguments or files, whatever secrets these hold', async () => {
    const secret = 'secret-of-the-owner-of-a-process';
    const body = `
      const { readFileSync, readdirSync, readlinkSync } = process.getBuiltinModule('node:fs');
      const read = (name) => readFileSync('/proc/self/' + name, 'utf8');
      const files = readdirSync('/proc/self/fd').flatMap((fd) => {
        try { return [readlinkSync('/proc/self/fd/' + fd)]; } catch { return []; }
      });
      return { names: Object.keys(process.env), text: [read('environ'), read('cmdline'), JSON.stringify(process.env)].join(), files };`;
    const { owner, value } = await startOwner(body, {
      env: { COXSWAIN_KEY: secret, NODE_OPTIONS: '--title=owner' },
    });
    await once(owner, 'close');
    expect(value['names']).toEqual([]);
    expect(value['text']).not.toContain(secret);
    expect(
      (value['files'] as string[]).filter((name) => name.startsWith('/') && !name.startsWith('/dev/')),
    ).toEqual([]);
  });
});

test('a process works from source and from a bundle of one file, as an ordinary user, and keeps no owner alive', async () => {
  const folder = join(programs.folder, 'bundled');
  await mkdir(folder);
  const task = `'${resolve('runtime/process-task.ts')}'`;
  // re2js and yaml are what the policy's process reads with; yaml requires Node's own modules.
  await writeFile(
    join(folder, 'yaml-process.ts'),
    `import { parse } from '${resolve('node_modules/yaml/dist/index.js')}';
     import { RE2JS } from '${resolve('node_modules/re2js/build/index.js')}';
     import { serveTasks } from '${resolve('runtime/serve-tasks.ts')}';
     serveTasks((text: string) => { if (text === 'stack') throw new Error('where'); return [parse(text) as unknown, RE2JS.matches('a+', 'aa')]; });`,
  );
  await writeFile(
    join(folder, 'main.ts'),
    `import { ProcessTask } from ${task};
     const parsed = new ProcessTask<string, unknown>({
       entry: new URL('./yaml-process.ts', import.meta.url), maxMilliseconds: 60_000, maxMegabytes: 64 });
     const { cause } = (await parsed.run('stack').catch((error: unknown) => error)) as { cause: Error };
     console.log(JSON.stringify([await parsed.run('a: [1, 2]'), cause.stack?.match(/yaml-process\\S*/)?.[0], cause.stack!.length < 2_000]));`,
  );
  const outfile = join(folder, 'main.mjs');
  const options = { target: 'node24', minify: true };
  await build({
    ...options,
    entryPoints: [join(folder, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [inlineProcesses(options)],
  });
  // Longer than an argument of a process can be.
  expect(readFileSync(outfile).length).toBeGreaterThan(128 * 1024);
  const said = (entry: string, user = {}): unknown[] => {
    const { stdout, stderr } = spawnSync(process.execPath, [entry], {
      encoding: 'utf8',
      env: {},
      cwd: '/',
      ...user,
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout) as unknown[];
  };
  const outcome = returned([{ a: [1, 2] }, true]);
  expect(said(join(folder, 'main.ts'))).toEqual([outcome, expect.stringMatching(/^yaml-process\.ts/), true]);
  chmodSync(programs.folder, 0o755);
  const ordinary = process.getuid?.() === 0 ? { uid: 60_800, gid: 60_800 } : {};
  expect(said(outfile, ordinary)).toEqual([outcome, expect.stringMatching(/^yaml-process\.mjs/), true]);
});
