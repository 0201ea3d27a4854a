import { describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { createJobId } from '../../../contracts/ids.ts';
import { canceledPath, inputPath, outputPath } from '../../../contracts/blob-paths.ts';
import {
  waitForEmptyQueue,
  formatMessage,
  takePoisonMessages,
  sendBlocks,
  waitFor,
  readResult,
  waitForResults,
  useWorkers,
} from '../../fixtures/workers.ts';

describe('a worker', () => {
  const crew = useWorkers();

  test('computes several blocks at once, and deletes their messages', async () => {
    const job = await sendBlocks(crew.fixture, 40);
    crew.start();
    const found = await waitForResults(crew.fixture, job, 40);
    expect(found.map(({ block, state }) => [block, state])).toEqual(
      Array.from({ length: 40 }, (_, block) => [block, 'done']),
    );
    expect(found[3]).toMatchObject({ v: 1, job, output: { from: 3, count: 1, samples: 1_000 } });
    await waitForEmptyQueue(crew.fixture);
    expect(await takePoisonMessages(crew.fixture)).toEqual([]);
  });

  test('receives no more messages than it has slots', async () => {
    await sendBlocks(crew.fixture, 5, 'wait');
    crew.start(
      {
        wait: `echo x >> ${crew.file('begun')}; while ! test -e ${crew.file('go')}; do sleep 0.05; done; echo 1`,
      },
      { COXSWAIN_SLOTS: '2' },
    );
    await waitFor(async () => (await crew.waitForFile('begun')) === 'x\nx\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await crew.fixture.storage.input.receive(32, 1)).toHaveLength(3);
    await writeFile(crew.file('go'), '');
    await waitForEmptyQueue(crew.fixture);
  });

  test('deletes messages whose blocks need no work: without an input, with a result, or of a canceled job', async () => {
    const job = createJobId();
    await crew.fixture.storage.input.send(formatMessage(job, 0));
    await sendBlocks(crew.fixture, 1, undefined, job);
    await crew.fixture.storage.blobs.put(outputPath(job, 1), '"first"');
    const input = { v: 1, job, block: 1, algorithm: 'monte-carlo-pi', parameters: {}, inputs: [1] };
    await crew.fixture.storage.blobs.put(inputPath(job, 1), JSON.stringify(input));
    await crew.fixture.storage.input.send(formatMessage(job, 1));
    const canceled = await sendBlocks(crew.fixture, 3);
    await crew.fixture.storage.blobs.put(canceledPath(canceled), '');
    await crew.fixture.storage.blobs.delete([inputPath(job, 0)]);
    crew.start();
    await waitForEmptyQueue(crew.fixture);
    expect(await readResult(crew.fixture, job, 0)).toBeUndefined();
    expect(await readResult(crew.fixture, job, 1)).toBe('first');
    expect(await readResult(crew.fixture, canceled, 0)).toBeUndefined();
    expect(await takePoisonMessages(crew.fixture)).toEqual([]);
  });

  test('aborts a computation when its job is canceled', async () => {
    const job = await sendBlocks(crew.fixture, 1, 'sleep');
    crew.start({ sleep: `echo $$ > ${crew.file('sleeper')}; sleep 600` });
    const pid = Number(await crew.waitForFile('sleeper'));
    await crew.fixture.storage.blobs.put(canceledPath(job), '');
    await waitForEmptyQueue(crew.fixture);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(await readResult(crew.fixture, job, 0)).toBeUndefined();
  });

  test('moves an invalid message to the poison queue unchanged', async () => {
    await crew.fixture.storage.input.send('no block at all');
    await crew.fixture.storage.input.send(formatMessage(createJobId(), 0, { path: 'tasks/other' }));
    crew.start();
    await waitForEmptyQueue(crew.fixture);
    const texts = (await takePoisonMessages(crew.fixture)).map(({ text }) => text).sort();
    expect(texts).toEqual(['no block at all', expect.stringContaining('tasks/other')]);
  });

  test('fails a block with an invalid input or algorithm at once', async () => {
    const job = createJobId();
    const input = { v: 1, job, algorithm: 'monte-carlo-pi', parameters: {} };
    const bodies = [
      { ...input, block: 0, inputs: [0], algorithm: 'alchemy' },
      { ...input, block: 1, inputs: [1], parameters: { samples: 0 } },
      { ...input, block: 9, inputs: [2] },
      { ...input, block: 3 },
    ];
    for (const [block, body] of bodies.entries()) {
      await crew.fixture.storage.blobs.put(inputPath(job, block), JSON.stringify(body));
      await crew.fixture.storage.input.send(formatMessage(job, block));
    }
    crew.start();
    const codes = (await waitForResults(crew.fixture, job, 4)).map(
      (verdict) => verdict.state === 'failed' && verdict.error.code,
    );
    expect(codes).toEqual(['unknown-algorithm', 'input-invalid', 'input-invalid', 'input-invalid']);
    await waitForEmptyQueue(crew.fixture);
    expect(await takePoisonMessages(crew.fixture)).toHaveLength(4);
  });

  test('gives a block that throws five attempts, then a failed result without secrets', async () => {
    const job = await sendBlocks(crew.fixture, 1, 'broken');
    crew.start({
      broken: `echo x >> ${crew.file('attempts')}; echo 'see https://host/x?sig=topsecret' >&2; exit 3`,
    });
    expect(await waitForResults(crew.fixture, job, 1)).toEqual([
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
    expect((await crew.waitForFile('attempts')).trim().split('\n')).toHaveLength(5);
    await waitForEmptyQueue(crew.fixture);
    expect(await takePoisonMessages(crew.fixture)).toHaveLength(1);
  });

  test('does not run the sixth delivery', async () => {
    const job = await sendBlocks(crew.fixture, 1);
    for (let delivery = 0; delivery < 5; delivery += 1) {
      const [message] = await crew.fixture.storage.input.receive(1, 30);
      await crew.fixture.storage.input.renew(message!, 0);
    }
    crew.start();
    expect(await waitForResults(crew.fixture, job, 1)).toMatchObject([
      { state: 'failed', error: { code: 'gave-up' } },
    ]);
    await waitForEmptyQueue(crew.fixture);
    expect(await takePoisonMessages(crew.fixture)).toMatchObject([{ text: formatMessage(job, 0) }]);
  });

  test('keeps a message invisible while its block runs', async () => {
    const job = await sendBlocks(crew.fixture, 1, 'slow');
    const slow = { slow: `echo x >> ${crew.file('runs')}; sleep 1.6; echo 1` };
    crew.start(slow);
    crew.start(slow);
    expect(await waitForResults(crew.fixture, job, 1)).toMatchObject([
      { state: 'done', output: { value: 1 } },
    ]);
    await waitForEmptyQueue(crew.fixture);
    expect(await crew.waitForFile('runs')).toBe('x\n');
  });

  test('that is killed: another worker finishes its blocks', async () => {
    const job = await sendBlocks(crew.fixture, 3, 'hang');
    const killed = crew.start({ hang: `echo $$ >> ${crew.file('hanging')}; exec sleep 600` });
    const hanging = await waitFor(async () => {
      const pids = (await crew.waitForFile('hanging')).trim().split('\n');
      return pids.length === 3 ? pids.map(Number) : undefined;
    });
    killed.signal('SIGKILL');
    await killed.ended;
    // Nobody else ends the programs of a worker that had no time to.
    for (const pid of hanging) process.kill(pid, 'SIGKILL');
    crew.start({ hang: 'echo 1' });
    const found = await waitForResults(crew.fixture, job, 3);
    expect(found.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    await waitForEmptyQueue(crew.fixture);
  });
});
