import { describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { exec } from '../../../compute/algorithms/exec.ts';

const never = new AbortController().signal;
const sh = (script: string): { command: [string, ...string[]] } => ({ command: ['sh', '-c', script, 'sh'] });
const run = (script: string, parameters: Record<string, string> = {}, signal = never) =>
  exec({ it: sh(script) }).compute([4, 5], { program: 'it', ...parameters }, signal);

test('the program reads inputs and parameters as JSON and its answer is the output', async () => {
  expect(await run('cat', { size: '3' })).toEqual({
    count: 2,
    blocks: 1,
    value: { inputs: [4, 5], parameters: { size: '3' } },
  });
});

test('uploaded inputs reach it unchanged', async () => {
  const inputs = [{ a: [1, null] }, 'text', 7, 8];
  expect(await exec({ it: sh('cat') }).compute(inputs, { program: 'it' }, never)).toMatchObject({
    count: 4,
    value: { inputs },
  });
});

test('the numbers of its answer keep their digits, alone and combined', async () => {
  const answer =
    '{"big":12345678901234567890,"small":[-0.10000000000000000001,1e400,1e-400],"exact":[1.10,1e3]}';
  const algorithm = exec({});
  expect(algorithm.keepsDigits).toBe(true);
  expect(JSON.stringify((await run(`echo '${answer}'`)).value)).toBe(
    answer.replace('1.10', '1.1').replace('1e3', '1000'),
  );
  const [one, other] = [await run('echo 12345678901234567890'), await run('echo 0.25')];
  const combined = algorithm.combine(one, other);
  expect(JSON.stringify(combined)).toBe('{"count":4,"blocks":2,"value":12345678901234567890.25}');
  expect(JSON.stringify(algorithm.finish(combined, { program: 'it' }))).toBe(
    '{"inputs":4,"blocks":2,"sum":12345678901234567890.25}',
  );
  expect(algorithm.finish(algorithm.combine(one, await run('echo "[]"')), { program: 'it' })).toMatchObject({
    sum: null,
  });
});

test('it does not see the worker’s environment', async () => {
  process.env['COXSWAIN_SECRET_OF_TEST'] = 'hidden';
  const { value } = await run(
    `env | cut -d= -f1 | grep -v '^_$\\|^PWD$\\|^OLDPWD$\\|^SHLVL$' | sort | sed 's/.*/"&"/' | paste -sd, | sed 's/.*/[&]/'`,
  );
  delete process.env['COXSWAIN_SECRET_OF_TEST'];
  expect(value).toEqual(['HOME', 'LANG', 'PATH']);
});

test('arguments are passed as they are, without a shell', async () => {
  const programs = { print: { command: ['printf', '"%s"', '$HOME;*'] as [string, ...string[]] } };
  expect(await exec(programs).compute([0], { program: 'print' }, never)).toMatchObject({ value: '$HOME;*' });
});

describe('it fails', () => {
  test.each([
    ['with an exit code, and the end of its stderr', 'echo bad luck >&2; exit 3', /exit code 3: bad luck/],
    ['by a signal', 'kill -TERM $$', /SIGTERM/],
    ['with an answer that is no JSON', 'echo hello', /not JSON/],
    ['without an answer', 'true', /not JSON/],
    ['with too large an answer', 'yes', /more than 4194304 bytes/],
  ])('%s', async (_, script, message) => {
    await expect(run(script)).rejects.toThrow(message);
  });

  test('if it is not configured or cannot be started', async () => {
    const programs = { missing: { command: ['/no/such/program'] as [string] } };
    await expect(exec(programs).compute([0], { program: 'missing' }, never)).rejects.toThrow(
      'Could not start',
    );
    await expect(exec(programs).compute([0], { program: 'toString' }, never)).rejects.toThrow(
      'No program "toString"',
    );
  });
});

test('a program that does not read its input is fine', async () => {
  const inputs = Array.from({ length: 200_000 }, (_, at) => at);
  expect(await exec({ it: sh('exec <&-; echo 1') }).compute(inputs, { program: 'it' }, never)).toMatchObject({
    value: 1,
  });
});

test('processes that it leaves running are killed with its process group, also when it is aborted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-exec-'));
  const started = async (file: string): Promise<number> => {
    for (;;) {
      const pid = Number(await readFile(join(folder, file), 'utf8').catch(() => ''));
      if (pid > 0) return pid;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  expect(await run(`sleep 60 & echo $! > ${folder}/left; echo 1`)).toMatchObject({ value: 1 });
  await gone(await started('left'));
  const controller = new AbortController();
  const running = run(`sleep 60 & echo $! > ${folder}/aborted; wait`, {}, controller.signal);
  const pid = await started('aborted');
  controller.abort(new Error('canceled'));
  await expect(running).rejects.toThrow('canceled');
  await gone(pid);
  await rm(folder, { recursive: true });
});

/** Resolves when no process has the id; a zombie that nobody waits for counts as gone. */
const gone = async (pid: number): Promise<void> => {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (stat === '' || / Z /.test(stat)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

test('outputs are counted, and summed while they are numbers', () => {
  const algorithm = exec({});
  const block = (value: unknown) => ({ count: 10, blocks: 1, value });
  const sum = [block(1), block(2.5), block(3)].reduce((left, right) => algorithm.combine(left, right));
  expect(sum).toEqual({ count: 30, blocks: 3, value: 6.5 });
  expect(algorithm.finish(sum, { program: 'it' })).toEqual({ inputs: 30, blocks: 3, sum: 6.5 });
  expect(algorithm.finish(algorithm.combine(sum, block('text')), { program: 'it' })).toEqual({
    inputs: 40,
    blocks: 4,
    sum: null,
  });
});

test('its answer counts although the cleanup fails, which is logged once', async () => {
  const lines: unknown[] = [];
  const log = pino(
    { base: null, timestamp: false },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  );
  const failed = () => Promise.reject(new Error('not cleared'));
  const user = { uid: process.getuid!(), gid: process.getgid!() };
  const users = { acquire: () => Promise.resolve({ user, clear: failed, release: () => {} }) };
  const algorithm = exec({ it: sh('echo 1') }, users, log);
  expect(await algorithm.compute([0], { program: 'it' }, never)).toMatchObject({ value: 1 });
  expect(lines).toMatchObject([
    {
      level: 40,
      msg: 'could not remove all files and processes of a program',
      err: { message: 'not cleared' },
    },
  ]);
});
