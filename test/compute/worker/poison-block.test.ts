import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../../runtime/log.ts';
import { supervise, type SupervisedChild } from '../../../runtime/supervised-child.ts';
import {
  waitForEmptyQueue,
  openWorkerFixture,
  takePoisonMessages,
  sendBlocks,
  startWorkerProcess,
  waitForResults,
  type WorkerFixture,
} from '../../fixtures/workers.ts';

describe('a block that always kills its worker', () => {
  let fixture: WorkerFixture;
  const crew: SupervisedChild[] = [];
  beforeAll(async () => {
    fixture = await openWorkerFixture();
  });
  afterAll(async () => {
    await Promise.all(crew.map((worker) => worker.stop(5_000)));
    await fixture.close();
  });

  test('ends as given up; all blocks that ran beside it are done', async () => {
    // The program's parent is the worker.
    const deadly = `case $(cat) in *'"inputs":[5]'*) kill -9 $PPID;; *) sleep 0.1; echo 1;; esac`;
    const count = 24;
    const job = await sendBlocks(fixture, count, 'deadly');
    for (const name of ['one', 'two']) {
      const start = () => startWorkerProcess(fixture, { deadly }, { COXSWAIN_SLOTS: '4' });
      crew.push(supervise({ name, start, log: createLogger('test', 'silent') }));
    }
    const found = await waitForResults(fixture, job, count);
    const failed = found.filter(({ state }) => state === 'failed');
    expect(failed).toMatchObject([{ block: 5, error: { code: 'gave-up' } }]);
    await waitForEmptyQueue(fixture);
    expect(await takePoisonMessages(fixture)).toHaveLength(1);
  }, 300_000);
});
