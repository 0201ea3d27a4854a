import { afterEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { findTool } from '../../../.ci/verify/tools.ts';
import { monteCarloPi } from '../../../compute/algorithms/monte-carlo-pi.ts';
import { canceledPath, inputPath } from '../../../contracts/blob-paths.ts';
import { createJobId, type JobId } from '../../../contracts/ids.ts';
import {
  formatMessage,
  readResult,
  sendBlocks,
  takePoisonMessages,
  useWorkers,
  waitFor,
  waitForEmptyQueue,
  waitForResults,
} from '../../fixtures/workers.ts';

const python = findTool('python');

/* Runs examples/worker-python with its packages, which `npm run verify` installs. */
const [describeWorker, note] =
  python === undefined
    ? [describe.skip, ' (skipped: "npm run verify" installs its packages)']
    : [describe, ''];

describeWorker(`the worker in Python${note}`, () => {
  const crew = useWorkers();
  const started: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of started.splice(0)) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  });

  const startPython = (): ChildProcess => {
    const child = spawn(python!, ['examples/worker-python/worker.py'], {
      env: { COXSWAIN_STORAGE: crew.fixture.azurite.connectionString, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    started.push(child);
    return child;
  };

  /** Puts one block with this input blob, and sends its message. */
  const sendBlock = async (input: object, more?: object): Promise<JobId> => {
    const job = createJobId();
    const { storage } = crew.fixture;
    await storage.blobs.put(inputPath(job, 0), JSON.stringify({ v: 1, job, block: 0, ...input }));
    await storage.input.send(formatMessage(job, 0, more));
    return job;
  };

  const compute = (inputs: number[], parameters: { seed: number; samples: number }) =>
    monteCarloPi.compute(inputs, parameters, new AbortController().signal);

  test('computes the same outputs as our worker', async () => {
    const parameters = { seed: 4_294_967_295, samples: 25_000 };
    const job = await sendBlock({ algorithm: 'monte-carlo-pi', parameters, inputs: [4_000_000, 4_000_001] });
    startPython();
    const [result] = await waitForResults(crew.fixture, job, 1);
    const output = await compute([4_000_000, 4_000_001], parameters);
    const bytes = await crew.fixture.storage.blobs.get(`output/${job}/000000.json`);
    expect(bytes?.toString()).toBe(JSON.stringify({ v: 1, job, block: 0, state: 'done', output }));
    expect(result).toMatchObject({ state: 'done' });
    await waitForEmptyQueue(crew.fixture);
  });

  test('shares a queue with our worker', async () => {
    startPython();
    crew.start({}, { COXSWAIN_SLOTS: '1' });
    const job = await sendBlocks(crew.fixture, 24);
    const results = await waitForResults(crew.fixture, job, 24);
    const expected = await Promise.all(
      results.map((_, block) => compute([block], { seed: 0, samples: 1_000 })),
    );
    expect(results).toEqual(expected.map((output, block) => ({ v: 1, job, block, state: 'done', output })));
    await waitForEmptyQueue(crew.fixture);
  });

  test('fails invalid blocks at once, and moves their messages to the poison queue', async () => {
    startPython();
    const jobs = [
      await sendBlock({ algorithm: 'unheard-of', parameters: {}, inputs: [0] }),
      await sendBlock({ algorithm: 'monte-carlo-pi', parameters: { samples: 0 }, inputs: [0] }),
      await sendBlock({ algorithm: 'monte-carlo-pi', parameters: {}, inputs: [0, 2] }),
      await sendBlock(
        { algorithm: 'monte-carlo-pi', parameters: {}, inputs: [0] },
        { returned: 0, failed: 5 },
      ),
    ];
    const results = await Promise.all(jobs.map((job) => waitFor(() => readResult(crew.fixture, job, 0))));
    expect(results.map((result) => result.state === 'failed' && result.error.code)).toEqual([
      'unknown-algorithm',
      'input-invalid',
      'input-invalid',
      'gave-up',
    ]);
    await waitForEmptyQueue(crew.fixture);
    expect(await takePoisonMessages(crew.fixture)).toHaveLength(4);
  });

  test('moves a message that is not a block to the poison queue, unchanged', async () => {
    await crew.fixture.storage.input.send('{"v":1,"job":"job-1"}');
    startPython();
    await waitForEmptyQueue(crew.fixture);
    expect(await takePoisonMessages(crew.fixture)).toMatchObject([{ text: '{"v":1,"job":"job-1"}' }]);
  });

  test('deletes the messages of canceled jobs and of missing inputs without a result', async () => {
    const canceled = createJobId();
    await crew.fixture.storage.blobs.put(canceledPath(canceled), '{}');
    await sendBlocks(crew.fixture, 1, undefined, canceled);
    const missing = createJobId();
    await crew.fixture.storage.input.send(formatMessage(missing, 0));
    startPython();
    await waitForEmptyQueue(crew.fixture);
    expect(await readResult(crew.fixture, canceled, 0)).toBeUndefined();
    expect(await readResult(crew.fixture, missing, 0)).toBeUndefined();
    expect(await takePoisonMessages(crew.fixture)).toEqual([]);
  });

  test('finishes its block on SIGTERM, and exits with 0', async () => {
    const child = startPython();
    await sendBlocks(crew.fixture, 1);
    await waitForEmptyQueue(crew.fixture);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
