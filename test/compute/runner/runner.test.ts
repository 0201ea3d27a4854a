import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { startedPath } from '../../../contracts/blob-paths.ts';
import { ExitRecord } from '../../../contracts/exit-record.ts';
import type { RunSpec } from '../../../compute/launcher/port.ts';
import {
  createProcessLauncher,
  type ProcessLauncher,
} from '../../../compute/launcher/process/process-launcher.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { openStorage, type Blobs } from '../../../compute/storage/open-storage.ts';
import { createLogger } from '../../../runtime/log.ts';
import { createAttackScript, parseFindings } from '../../fixtures/attack-script.ts';
import { waitFor, readExitRecord, isProcessAlive, readLog, createRunSpec } from '../../fixtures/run-specs.ts';

const log = createLogger('test', 'silent');
const entry = fileURLToPath(new URL('../../../compute/runner/main.ts', import.meta.url));
let azurite: Azurite;
let blobs: Blobs;
let folder: string;
let launcher: ProcessLauncher;

/** Runs a script to its end. */
const run = async (script: string | Buffer | undefined, given: Partial<RunSpec> = {}) => {
  const order = await createRunSpec(blobs, script, given);
  await launcher.launch(order);
  await waitFor(async () => (await launcher.inspect(order.job)).state === 'ended');
  return {
    order,
    exit: v.parse(ExitRecord, await readExitRecord(blobs, order)),
    text: await readLog(blobs, order),
  };
};

beforeAll(async () => {
  azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  ({ blobs } = storage);
  folder = await mkdtemp(join(tmpdir(), 'runs-'));
  launcher = createProcessLauncher({ folder, environment: { COXSWAIN_GRACE_MILLISECONDS: '300' }, log });
});

afterAll(async () => {
  await launcher.close();
  await azurite.stop();
  await rm(folder, { recursive: true });
});

// Each runs a job of its own, and most of its time is waiting: so several run at once. Their hooks have to stand outside.
describe('a runner', () => {
  test.concurrent('runs the script with its parameters and nothing else in its environment, in an empty folder', async () => {
    const { order, exit, text } = await run('#!/bin/sh\necho "hello $who"; env | sort; ls -A', {
      parameters: { who: 'you & me' },
    });
    expect(exit).toMatchObject({ v: 1, job: order.job, exitCode: 0, signal: null, timedOut: false });
    expect(exit).not.toHaveProperty('notStarted');
    const [greeting, ...rest] = text!.trim().split('\n');
    expect(greeting).toBe('hello you & me');
    expect(rest.map((line) => line.split('=')[0])).toEqual([
      'COXSWAIN_OUTPUT_DIR',
      'HOME',
      'LANG',
      'PATH',
      'PWD',
      ...(process.getuid?.() === 0 ? ['TMPDIR'] : []),
      'who',
    ]);
  });

  test.concurrent('keeps the order of stdout and stderr, which can be opened by name', async () => {
    const { text } = await run(
      '#!/bin/sh\nfor i in 1 2 3; do echo out $i; echo err $i >&2; echo name $i > /dev/stderr; done',
    );
    expect(text).toBe([1, 2, 3].map((i) => `out ${i}\nerr ${i}\nname ${i}\n`).join(''));
  });

  test.concurrent('tells a failure by its exit code, a death by its signal', async () => {
    const [failed, died] = await Promise.all([run('#!/bin/sh\nexit 3'), run('#!/bin/sh\nkill -SEGV $$')]);
    expect(failed.exit).toMatchObject({ exitCode: 3, signal: null, timedOut: false });
    expect(died.exit).toMatchObject({ exitCode: null, signal: 'SIGSEGV', timedOut: false });
    expect(failed.text).toBe('');
  });

  test.concurrent('ends a script whose time is up', async () => {
    const { exit } = await run('#!/bin/sh\nsleep 600', { timeoutSeconds: 0.2 });
    expect(exit).toMatchObject({ exitCode: null, signal: 'SIGTERM', timedOut: true });
  });

  test.concurrent('ends by force a script that does not listen', async () => {
    const script = '#!/bin/bash\ntrap "" TERM\necho begun\nwhile :; do sleep 600; done';
    const order = await createRunSpec(blobs, script);
    await launcher.launch(order);
    expect(await waitFor(() => readLog(blobs, order))).toBe('begun\n');
    await launcher.remove(order.job);
    expect(await readExitRecord(blobs, order)).toMatchObject({
      exitCode: null,
      signal: 'SIGKILL',
      timedOut: false,
    });
  });

  test.concurrent('shows no path of this machine in what a shell says of a faulty script', async () => {
    const { text } = await run('#!/bin/bash\nno-such-command');
    expect(text).toBe('../script: line 2: no-such-command: command not found\n');
  });

  test.concurrent('says why a script did not start', async () => {
    const [missing, other, plain, interpreter, windows] = await Promise.all([
      run(undefined),
      run('#!/bin/sh\necho ran', { sha256: '0'.repeat(64) }),
      run('echo ran'),
      run('#!/bin/no-such-shell\necho ran'),
      run('#!/bin/sh\r\necho ran\r\n'),
    ]);
    expect(missing.exit.notStarted).toMatchObject({ reason: 'script-missing' });
    expect(other.exit.notStarted).toMatchObject({
      reason: 'definition-invalid',
      message: expect.stringContaining('sha256'),
    });
    expect(plain.exit.notStarted).toMatchObject({
      reason: 'launch-failed',
      message: expect.stringContaining('ENOEXEC'),
    });
    expect(interpreter.exit.notStarted).toMatchObject({
      reason: 'launch-failed',
      message: expect.stringContaining('interpreter'),
    });
    expect(windows.exit.notStarted).toMatchObject({
      reason: 'launch-failed',
      message: expect.stringContaining('CR LF'),
    });
    for (const { exit, text } of [missing, other, plain, interpreter, windows]) {
      expect(exit).toMatchObject({ exitCode: null, signal: null });
      expect(text).toBe(`${exit.notStarted?.message}\n`);
    }
  });

  test.concurrent('runs a script whose hash is the expected one, and a program that is no script', async () => {
    const script = '#!/bin/sh\necho right';
    const [hashed, binary] = await Promise.all([
      run(script, { sha256: createHash('sha256').update(script).digest('hex') }),
      run(await readFile('/bin/true')),
    ]);
    expect(hashed.text).toBe('right\n');
    expect(binary.exit.exitCode).toBe(0);
  });

  test.concurrent('does not run what was started before', async () => {
    const order = await createRunSpec(blobs, '#!/bin/sh\necho ran');
    await blobs.put(startedPath(order.job), 'somebody');
    await launcher.launch(order);
    await waitFor(async () => (await launcher.inspect(order.job)).state === 'ended');
    expect(await readExitRecord(blobs, order)).toBeUndefined();
    expect(await readLog(blobs, order)).toBeUndefined();
  });

  test.concurrent('shows the log while the script runs, and neither secrets nor signatures', async () => {
    const script = [
      '#!/bin/sh',
      'echo "log in with $password"; printf hunt; sleep 0.1; printf "er22 again\\n"',
      'printf "%s" "$password" | base64; echo "https://a/b?sv=1&sig=abc%2Bdef"',
      'while [ ! -e go ]; do sleep 0.05; done; pwd; echo end',
    ].join('\n');
    const order = await createRunSpec(blobs, script, {
      parameters: { password: 'hunter22' },
      secrets: ['password'],
    });
    await launcher.launch(order);
    const early = await waitFor(async () => {
      const text = await readLog(blobs, order);
      return text?.includes('https') ? text : undefined;
    });
    expect(early).toBe(
      'log in with [redacted]\n[redacted] again\n[redacted]I=\nhttps://a/b?sv=1&[redacted]\n',
    );
    await launcher.remove(order.job);
    expect(await readExitRecord(blobs, order)).toMatchObject({
      exitCode: null,
      signal: 'SIGTERM',
      timedOut: false,
    });
  });

  test.concurrent('keeps head and tail of 100 MB', async () => {
    const { exit, text } = await run(
      '#!/bin/sh\necho first; yes "a line of thirty-two characters" | head -c 100000000; echo; echo last',
    );
    expect(exit.exitCode).toBe(0);
    expect(Buffer.byteLength(text!)).toBeLessThanOrEqual(10_000_000);
    expect(text!.startsWith('first\n')).toBe(true);
    expect(text!.endsWith('\nlast\n')).toBe(true);
    expect(text).toMatch(/\n\[… 9\d{7} bytes left out …\]\n/);
  });

  test.concurrent('leaves nothing of the script behind: no process of its group, no file', async () => {
    const { order, exit, text } = await run(
      '#!/bin/bash\nsleep 600 &\necho $!\n(trap "" TERM; while :; do sleep 600; done) &\necho $!\ntouch file\nexit 0',
    );
    expect(exit).toMatchObject({ exitCode: 0, signal: null });
    for (const pid of text!.trim().split('\n')) expect(await isProcessAlive(Number(pid))).toBe(false);
    expect(await readdir(join(folder, order.job))).toEqual(['launched']);
  });

  test.concurrent('takes its order from a setting too, and shows no link to a script that may read its environment', async () => {
    const script = '#!/bin/sh\ntr "\\0" "\\n" < /proc/$PPID/environ; tr "\\0" " " < /proc/$PPID/cmdline';
    const order = await createRunSpec(blobs, script);
    const own = await mkdtemp(join(tmpdir(), 'container-'));
    const child = spawn(process.execPath, [entry], {
      env: {
        PATH: process.env['PATH'],
        TMPDIR: own,
        COXSWAIN_ORDER: JSON.stringify(order),
        COXSWAIN_PROGRAM_UID: String(process.getuid!()),
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await readExitRecord(blobs, order)).toMatchObject({ exitCode: 0 });
    const text = await readLog(blobs, order);
    expect(text).toContain('PATH=');
    expect(text).not.toContain('COXSWAIN_ORDER=');
    expect(text).not.toMatch(/http:|sig|redacted/);
    const handover = /^COXSWAIN_HANDOVER=(.+)$/m.exec(text!)?.[1];
    expect(existsSync(dirname(handover!))).toBe(false);
    expect(await readdir(own)).toEqual([]);
    await rm(own, { recursive: true });
  });

  test.concurrent('finds its order in the file that a setting names', async () => {
    const order = await createRunSpec(blobs, '#!/bin/sh\necho "$who"', { parameters: { who: 'me' } });
    const own = await mkdtemp(join(tmpdir(), 'container-'));
    await writeFile(join(own, 'order'), JSON.stringify(order), { mode: 0o400 });
    const child = spawn(process.execPath, [entry], {
      env: { PATH: process.env['PATH'], COXSWAIN_ORDER_FILE: join(own, 'order') },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await readLog(blobs, order)).toBe('me\n');
    await rm(own, { recursive: true });
  });

  const asRoot = process.getuid!() === 0 ? test.concurrent : test.skip;
  asRoot(
    'cannot access its runner, its parents and the key files if the runner can change the user',
    async () => {
      const data = await mkdtemp(join(tmpdir(), 'data-'));
      const file = join(data, 'secrets.json');
      await writeFile(file, 'a key', { mode: 0o600 });
      const { exit, text } = await run(`#!/bin/sh\n${createAttackScript([file], [data, folder])}`);
      await rm(data, { recursive: true });
      expect(exit.exitCode).toBe(0);
      const { found, seen } = parseFindings(text!);
      expect(found).toEqual([]);
      const [, uid] = /^# self Uid\s(60[89]\d\d|610[0-5]\d)\s\1/m.exec(seen)!;
      expect(seen).toMatch(/^# self Groups\s*$/m);
      expect(seen).toMatch(/^# self CapEff\s0+$/m);
      if (existsSync('/usr/bin/setpriv')) expect(seen).toMatch(/^# self NoNewPrivs\s1$/m);
      expect(seen).not.toMatch(/http:|sig=|redacted/);
      expect(seen).toMatch(new RegExp(`^# folder drwx------ .* ${uid} +${uid} `, 'm'));
      expect(existsSync(/^# in (.+)$/m.exec(seen)![1]!)).toBe(false);
    },
  );

  test.concurrent('without a launcher says how it is started', async () => {
    const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'inherit', 'pipe'] });
    const ended = once(child, 'exit');
    const [said] = (await once(child.stderr, 'data')) as [Buffer];
    expect(said.toString()).toContain('COXSWAIN_ORDER');
    expect(await ended).toEqual([1, null]);
  });
});
