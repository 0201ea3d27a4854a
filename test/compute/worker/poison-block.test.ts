import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { logger } from '../../../runtime/log.ts';
import { supervise, type Supervised } from '../../../runtime/supervised-child.ts';
import {
  emptied,
  openYard,
  poisoned,
  sendBlocks,
  startWorkerProcess,
  verdicts,
  type Yard,
} from '../../fixtures/workers.ts';

describe('a block that kills its worker each time', () => {
  let yard: Yard;
  const crew: Supervised[] = [];
  beforeAll(async () => {
    yard = await openYard();
  });
  afterAll(async () => {
    await Promise.all(crew.map((worker) => worker.stop(5_000)));
    await yard.close();
  });

  test('ends as given up; all that were in hand with it are done', async () => {
    // The program's parent is the worker.
    const deadly = `case $(cat) in *'"inputs":[5]'*) kill -9 $PPID;; *) sleep 0.1; echo 1;; esac`;
    const count = 24;
    const job = await sendBlocks(yard, count, 'deadly');
    for (const name of ['one', 'two']) {
      const start = () => startWorkerProcess(yard, { deadly }, { COXSWAIN_SLOTS: '4' });
      crew.push(supervise({ name, start, log: logger('test', 'silent') }));
    }
    const found = await verdicts(yard, job, count);
    const failed = found.filter(({ state }) => state === 'failed');
    expect(failed).toMatchObject([{ block: 5, error: { code: 'gave-up' } }]);
    await emptied(yard);
    expect(await poisoned(yard)).toHaveLength(1);
  }, 300_000);
});
