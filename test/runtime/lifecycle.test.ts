import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { Releases } from '../../runtime/lifecycle.ts';
import {
  createProgramFolder,
  toRuntimeModuleUrl,
  type TestProgramFolder,
} from '../fixtures/program-folder.ts';

describe('releases', () => {
  test('happen once each, in reverse order, whatever one of them throws', async () => {
    const released: string[] = [];
    const releases = new Releases();
    releases.add('first', () => void released.push('first'));
    releases.add('second', () => {
      throw new Error('stuck');
    });
    releases.add('third', async () => void released.push('third'));
    const ends = await Promise.allSettled([releases.end(), releases.end()]);
    expect(released).toEqual(['third', 'first']);
    for (const end of ends)
      expect(end).toMatchObject({
        status: 'rejected',
        reason: { errors: [{ message: 'Could not release second', cause: { message: 'stuck' } }] },
      });
  });

  test('of what is acquired too late happen at once', async () => {
    const releases = new Releases();
    await releases.end();
    await new Promise<void>((resolve) => releases.add('late', resolve));
  });
});

describe('a program', () => {
  let programs: TestProgramFolder;
  let waiting: string;
  beforeAll(async () => {
    programs = await createProgramFolder();
    waiting = await programs.write(
      'waiting',
      `${imports}
       await runProgram(createLogger('test'), async () => {
         const stop = waitForStopRequest();
         const alive = setInterval(() => {}, 1000);
         console.log('ready');
         console.log(await stop);
         if (process.argv[2] === 'hang') await new Promise(() => {});
       });`,
    );
  });
  afterAll(() => programs.remove());

  const imports = `import { runProgram, waitForStopRequest, sendToParent } from '${toRuntimeModuleUrl('lifecycle.ts')}';
    import { createLogger } from '${toRuntimeModuleUrl('log.ts')}';`;

  /** Starts a program; `said` is all it has written so far. */
  const start = (path: string, stdio: StdioOptions = ['ignore', 'pipe', 'pipe'], ...given: string[]) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path, ...given], {
      stdio,
    });
    const output = { said: '' };
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (output.said += text));
    // Not `close`: it does not come for a child that was disconnected.
    const streams = [child.stdout, child.stderr].map((stream) => stream && once(stream, 'end'));
    const ended = Promise.all([once(child, 'exit'), ...streams]).then(([exit]) => exit);
    return { child, output, ended, says: (text: string) => says(child, output, text) };
  };
  const says = async (child: ChildProcess, output: { said: string }, text: string): Promise<void> => {
    while (!output.said.includes(text)) await once(child.stdout!, 'data');
  };

  test.each(['SIGINT', 'SIGTERM'] as const)('is asked to stop by %s', async (signal) => {
    const { child, output, ended, says } = start(waiting);
    await says('ready');
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    expect(output.said).toBe(`ready\n${signal}\n`);
  });

  test('is asked to stop by the end of its parent', async () => {
    const { child, output, ended, says } = start(waiting, ['ignore', 'pipe', 'pipe', 'ipc']);
    await says('ready');
    child.disconnect();
    expect(await ended).toEqual([0, null]);
    expect(output.said).toBe('ready\nparent\n');
  });

  test('sends a message to a parent that has just ended, and then ends in order', async () => {
    const path = await programs.write(
      'telling',
      `${imports}
       import { readFileSync } from 'node:fs';
       await runProgram(createLogger('test'), async () => {
         const stop = waitForStopRequest();
         const alive = setInterval(() => {}, 1000);
         console.log('ready');
         // Nothing else happens here until the parent has gone: so its end is not noticed before the telling.
         readFileSync(0);
         sendToParent({ late: true });
         console.log(await stop);
       });`,
    );
    const { child, output, ended, says } = start(path, ['pipe', 'pipe', 'pipe', 'ipc']);
    await says('ready');
    child.disconnect();
    child.stdin!.end();
    expect(await ended).toEqual([0, null]);
    expect(output.said).toBe('ready\nparent\n');
  });

  test('ends at once when it is asked twice', async () => {
    const { child, ended, says } = start(waiting, undefined, 'hang');
    await says('ready');
    child.kill('SIGINT');
    await says('SIGINT\n');
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
  });

  test('ends with the code that it returns', async () => {
    const path = await programs.write(
      'three',
      `${imports} await runProgram(createLogger('test'), async () => 3);`,
    );
    expect(await start(path).ended).toEqual([3, null]);
  });

  test('that throws logs it once, without secrets, and ends with 1', async () => {
    const path = await programs.write(
      'faulty',
      `${imports} await runProgram(createLogger('test'), async () => { throw new Error('no http://x/?sig=secret'); });`,
    );
    const { output, ended } = start(path);
    expect(await ended).toEqual([1, null]);
    expect(output.said.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(output.said)).toMatchObject({
      level: 60,
      program: 'test',
      msg: 'exiting after an error',
    });
    expect(output.said).not.toContain('secret');
  });
});
