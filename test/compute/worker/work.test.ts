import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomJobId } from '../../../compute/formats/ids.ts';
import { canceledPath, inputPath, outputPath } from '../../../compute/formats/paths.ts';
import type { Child } from '../../../runtime/child.ts';
import {
  emptied,
  messageText,
  openYard,
  poisoned,
  sendBlocks,
  startWorkerProcess,
  until,
  verdictOf,
  verdicts,
  type Yard,
} from './crew.ts';

describe('a worker', () => {
  let yard: Yard;
  const workers: Child[] = [];
  const start = (scripts: Record<string, string> = {}, more: Record<string, string> = {}): Child => {
    const worker = startWorkerProcess(yard, scripts, more);
    workers.push(worker);
    return worker;
  };
  const file = (name: string) => join(yard.folder, name);
  const written = (name: string) => until(() => readFile(file(name), 'utf8').catch(() => undefined));

  beforeAll(async () => {
    yard = await openYard();
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop(5_000)));
  });
  afterAll(() => yard.close());

  test('computes blocks, several at once, and ends their messages', async () => {
    const job = await sendBlocks(yard, 40);
    start();
    const found = await verdicts(yard, job, 40);
    expect(found.map(({ block, state }) => [block, state])).toEqual(
      Array.from({ length: 40 }, (_, block) => [block, 'done']),
    );
    expect(found[3]).toMatchObject({ v: 1, job, output: { from: 3, count: 1, samples: 1_000 } });
    await emptied(yard);
    expect(await poisoned(yard)).toEqual([]);
  });

  test('takes no more messages than it has slots', async () => {
    await sendBlocks(yard, 5, 'wait');
    start(
      { wait: `echo x >> ${file('begun')}; while ! test -e ${file('go')}; do sleep 0.05; done; echo 1` },
      { COXSWAIN_SLOTS: '2' },
    );
    await until(async () => (await written('begun')) === 'x\nx\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await yard.storage.input.receive(32, 1)).toHaveLength(3);
    await writeFile(file('go'), '');
    await emptied(yard);
  });

  test('ends messages of which the block is over: input gone, verdict there, job canceled', async () => {
    const job = randomJobId();
    await yard.storage.input.send(messageText(job, 0));
    await sendBlocks(yard, 1, undefined, job);
    await yard.storage.blobs.put(outputPath(job, 1), '"first"');
    const input = { v: 1, job, block: 1, algorithm: 'monte-carlo-pi', parameters: {}, inputs: [1] };
    await yard.storage.blobs.put(inputPath(job, 1), JSON.stringify(input));
    await yard.storage.input.send(messageText(job, 1));
    const canceled = await sendBlocks(yard, 3);
    await yard.storage.blobs.put(canceledPath(canceled), '');
    await yard.storage.blobs.delete([inputPath(job, 0)]);
    start();
    await emptied(yard);
    expect(await verdictOf(yard, job, 0)).toBeUndefined();
    expect(await verdictOf(yard, job, 1)).toBe('first');
    expect(await verdictOf(yard, canceled, 0)).toBeUndefined();
    expect(await poisoned(yard)).toEqual([]);
  });

  test('breaks off what it computes when the job is canceled', async () => {
    const job = await sendBlocks(yard, 1, 'sleep');
    start({ sleep: `echo $$ > ${file('sleeper')}; sleep 600` });
    const pid = Number(await written('sleeper'));
    await yard.storage.blobs.put(canceledPath(job), '');
    await emptied(yard);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(await verdictOf(yard, job, 0)).toBeUndefined();
  });

  test('puts a bad message into the poison queue as it came', async () => {
    await yard.storage.input.send('no block at all');
    await yard.storage.input.send(messageText(randomJobId(), 0, { path: 'tasks/other' }));
    start();
    await emptied(yard);
    const texts = (await poisoned(yard)).map(({ text }) => text).sort();
    expect(texts).toEqual(['no block at all', expect.stringContaining('tasks/other')]);
  });

  test('fails a block at once whose input or algorithm is not right', async () => {
    const job = randomJobId();
    const input = { v: 1, job, algorithm: 'monte-carlo-pi', parameters: {} };
    const bodies = [
      { ...input, block: 0, inputs: [0], algorithm: 'alchemy' },
      { ...input, block: 1, inputs: [1], parameters: { samples: 0 } },
      { ...input, block: 9, inputs: [2] },
      { ...input, block: 3 },
    ];
    for (const [block, body] of bodies.entries()) {
      await yard.storage.blobs.put(inputPath(job, block), JSON.stringify(body));
      await yard.storage.input.send(messageText(job, block));
    }
    start();
    const codes = (await verdicts(yard, job, 4)).map(
      (verdict) => verdict.state === 'failed' && verdict.error.code,
    );
    expect(codes).toEqual(['unknown-algorithm', 'input-invalid', 'input-invalid', 'input-invalid']);
    await emptied(yard);
    expect(await poisoned(yard)).toHaveLength(4);
  });

  test('gives a block that throws five attempts, then a failed verdict without secrets', async () => {
    const job = await sendBlocks(yard, 1, 'broken');
    start({ broken: `echo x >> ${file('attempts')}; echo 'see https://host/x?sig=topsecret' >&2; exit 3` });
    expect(await verdicts(yard, job, 1)).toEqual([
      {
        v: 1,
        job,
        block: 0,
        state: 'failed',
        error: {
          code: 'compute-failed',
          message: expect.stringMatching(/^The program ended with exit code 3: .*sig=\[redacted\]$/),
        },
      },
    ]);
    expect((await written('attempts')).trim().split('\n')).toHaveLength(5);
    await emptied(yard);
    expect(await poisoned(yard)).toHaveLength(1);
  });

  test('does not run the sixth delivery', async () => {
    const job = await sendBlocks(yard, 1);
    for (let delivery = 0; delivery < 5; delivery += 1) {
      const [message] = await yard.storage.input.receive(1, 30);
      await yard.storage.input.renew(message!, 0);
    }
    start();
    expect(await verdicts(yard, job, 1)).toMatchObject([{ state: 'failed', error: { code: 'gave-up' } }]);
    await emptied(yard);
    expect(await poisoned(yard)).toMatchObject([{ text: messageText(job, 0) }]);
  });

  test('keeps a message for as long as it works on it', async () => {
    const job = await sendBlocks(yard, 1, 'slow');
    const slow = { slow: `echo x >> ${file('runs')}; sleep 1.6; echo 1` };
    start(slow);
    start(slow);
    expect(await verdicts(yard, job, 1)).toMatchObject([{ state: 'done', output: { value: 1 } }]);
    await emptied(yard);
    expect(await written('runs')).toBe('x\n');
  });

  test('that is killed gets its blocks finished by another', async () => {
    const job = await sendBlocks(yard, 3, 'hang');
    const killed = start({ hang: `echo x >> ${file('hanging')}; sleep 600` });
    await until(async () => (await written('hanging')) === 'x\nx\nx\n');
    killed.signal('SIGKILL');
    await killed.ended;
    start({ hang: 'echo 1' });
    const found = await verdicts(yard, job, 3);
    expect(found.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    await emptied(yard);
  });
});
