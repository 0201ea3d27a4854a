import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';

/*
 * What commonly goes wrong with work on a queue, and the tests that show that it does not happen here. Each test must exist under its
 * title, so update this map when you rename or remove one.
 */
const worker = 'test/compute/worker/process-block.test.ts';
const workerProcess = 'test/compute/worker/worker-process.test.ts';
const tests: Record<string, readonly (readonly [path: string, title: string])[]> = {
  'a repeated event completes a job with blocks missing': [
    ['test/compute/orchestrator/compute-job.test.ts', 'tolerates repeated and reordered events'],
    [
      'test/compute/orchestrator/events.test.ts',
      'one event per batch and delivery, with each block once, in both schemas',
    ],
  ],
  'an input of another type crashes the worker': [
    [worker, 'fails a block with an invalid input or algorithm at once'],
    ['test/compute/worker/poison-block.test.ts', 'ends as given up; all blocks that ran beside it are done'],
  ],
  'a message that is delivered again after its result was written fails for ever': [
    [
      worker,
      'deletes messages whose blocks need no work: without an input, with a result, or of a canceled job',
    ],
  ],
  'a message that cannot be processed returns for ever': [
    [worker, 'moves an invalid message to the poison queue unchanged'],
    [worker, 'gives a block that throws five attempts, then a failed result without secrets'],
    [worker, 'does not run the sixth delivery'],
  ],
  'a block that takes longer than the visibility timeout runs twice': [
    [worker, 'keeps a message invisible while its block runs'],
  ],
  'a worker that is stopped or killed loses its blocks': [
    [workerProcess, 'finishes its blocks on SIGTERM, receives no others, and exits with 0'],
    [workerProcess, 'returns blocks that do not finish within the grace to the queue at once'],
    [workerProcess, 'exits within 3 s after its grace when a block outlasts it'],
    [worker, 'that is killed: another worker finishes its blocks'],
  ],
  'storage that is away stops the workers or the queue': [
    [
      'test/compute/worker/storage-away.test.ts',
      'a worker whose storage is away keeps running and polling, is not ready meanwhile, and then finishes everything',
    ],
    [
      'test/compute/storage/retry.test.ts',
      'a poll fails soon, and is not repeated, although storage accepts connections and never answers',
    ],
    [
      'test/local/autoscaler/autoscaler.test.ts',
      'keeps its workers while the queue is unreadable, and logs that once',
    ],
  ],
};

test.each(Object.entries(tests))('a test shows that this does not happen: %s', async (_weakness, shownBy) => {
  for (const [path, title] of shownBy) expect(await readFile(path, 'utf8')).toContain(`test('${title}'`);
});
