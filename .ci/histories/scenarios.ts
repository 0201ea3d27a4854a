import {
  day,
  toId,
  shared,
  toApproval,
  startCompute,
  startTask,
  raise,
  cancel,
  decideOn,
  reportBlocks,
  toTimers,
} from './scenario-steps.ts';
import { launch } from './launch-scenario.ts';
import { exit, lockConditions, ran, running } from './task-results.ts';
import { scriptActivities, type Results, type Scenario } from './scenario.ts';

/*
 * What `npm run histories` records: every orchestration in every state in which a release can find it. Each instance is replayed at each
 * of its episodes, so one that ends also covers all states before.
 */

const put = (blocks: number[] = []) => ({ blocks, skipped: false });
const list = (...blocks: number[]) => ({ stop: null, blocks });
/** The result of an activity in the first batch of a job, and in the second. */
const inBatch =
  (first: object, second: object) =>
  ({ plan }: { plan: { batch: number } }) =>
    plan.batch === 0 ? first : second;
const reduced = (done: number, failed = 0) => ({
  counts: { done, failed, total: done + failed },
  failures: failed > 0 ? [{ block: 1, code: 'compute-failed', message: 'no luck' }] : [],
  error: null,
  result: { sum: done },
});
const threeBlocks: Results = {
  PutBlocks: [put([0, 1, 2])],
  CombineBatch: [{ done: 3, failed: 0 }],
  Reduce: [reduced(3)],
};
const stopped: Results = {
  PutBlocks: [put()],
  LookAtBatch: [list()],
  TallyBatch: [{ done: 1, failed: 0 }],
  MarkJob: [{ links: ['manifest', 'outputs'] }],
};
const holder = { kind: 'job', job: toId(99), owner: '', slots: 1, since: shared.acceptedAt };
const taken = (ahead: number) => ({ held: false, holders: [holder], slots: 1, ahead });

const approval: Scenario = {
  note: 'Approved by two people after days, with verdicts that do not count; rejected; expired; canceled; still waiting.',
  activities: scriptActivities({ [toId(1)]: threeBlocks }),
  play: async (host) => {
    for (const [n, days] of [30, 30, 1, 30, 30].entries())
      await startCompute(host, toId(n + 1), { conditions: { approval: toApproval(2, days), locks: [] } });
    await decideOn(host, toId(1), 7);
    await decideOn(host, toId(1), 8, { code: 'other-code' });
    await decideOn(host, toId(1), 8);
    await decideOn(host, toId(2), 8, { decision: 'reject', reason: 'not now' });
    await cancel(host, toId(4));
    await host.advance(5 * day);
    await decideOn(host, toId(1), 8);
    await decideOn(host, toId(1), 9);
  },
  isRecorded: () => true,
};

const lock: Scenario = {
  note: 'Granted after polls and an event; refused; canceled; still waiting. A compute job and tasks.',
  activities: scriptActivities({
    [toId(1)]: {
      ...threeBlocks,
      TakeLock: [taken(1), taken(0), taken(0), { held: true }],
      ReleaseLocks: [null],
    },
    [toId(2)]: { ...ran, TakeLock: [taken(0)], InspectRunner: [exit(2, 0)] },
    [toId(3)]: { TakeLock: [taken(0)] },
    [toId(4)]: { TakeLock: [taken(2)], ReleaseLocks: [null] },
  }),
  play: async (host) => {
    await startCompute(host, toId(1), lockConditions('queue'));
    await startTask(host, toId(2), lockConditions('refuse'));
    await startTask(host, toId(4), lockConditions('queue'));
    await cancel(host, toId(4));
    await toTimers(host, 2);
    await raise(host, toId(1), 'Granted', { v: 1 });
    await startTask(host, toId(3), lockConditions('queue'));
    await toTimers(host, 3);
  },
  isRecorded: () => true,
};

const blocks: Scenario = {
  note: 'Two batches by events and polls; a lost message; a lost partial; canceled after an event; past its deadline; large parameters.',
  activities: scriptActivities({
    [toId(1)]: {
      PutBlocks: [put()],
      LookAtBatch: [inBatch(list(5, 6, 7), list(100)), inBatch(list(...Array(100).keys()), list(100, 101))],
      CombineBatch: [inBatch({ done: 99, failed: 1 }, { done: 4, failed: 0 })],
      Reduce: [reduced(103, 1)],
    },
    [toId(2)]: {
      PutBlocks: [put(), { blocks: [0], skipped: true }, put([0, 1])],
      LookAtBatch: [list(), list(), list(0), list(0), list(0), list(0, 1, 2)],
      CombineBatch: [{ missing: [2] }, { done: 3, failed: 0 }],
      Reduce: [{ missing: [0] }, reduced(3)],
    },
    [toId(3)]: {
      ...stopped,
      LookAtBatch: [{ ...list(1), stop: { reason: 'canceled-by-user', by: 'mona' } }],
    },
    [toId(4)]: stopped,
    [toId(5)]: { ...threeBlocks, PutParameters: [null] },
    [toId(6)]: { PutBlocks: [put([0])], LookAtBatch: [list(0)] },
  }),
  play: async (host) => {
    await startCompute(host, toId(1), { inputCount: 104 }, { fail: '3' });
    await reportBlocks(host, 1, 0, [5, 6]);
    await reportBlocks(host, 1, 0, [6, 7, 8]);
    await toTimers(host, 2);
    await reportBlocks(host, 1, 1, [101, 102]);
    await reportBlocks(host, 1, 1, [103]);
    await toTimers(host, 2);
    await startCompute(host, toId(2), {});
    await toTimers(host, 30);
    await startCompute(host, toId(3), {});
    await reportBlocks(host, 3, 0, [1]);
    await cancel(host, toId(3));
    await toTimers(host, 4);
    await startCompute(host, toId(4), { timeoutSeconds: 60 });
    await host.advance(120_000);
    await startCompute(host, toId(5), {}, { text: 'x'.repeat(1_100) });
    await startCompute(host, toId(6), {});
    await toTimers(host, 2);
  },
  isRecorded: () => true,
};

const groups: Scenario = {
  note: 'A job of 101 batches, which run in two groups. Of these, the second is recorded.',
  activities: scriptActivities({
    [toId(1)]: {
      PutBlocks: [({ plan }: { plan: { first: number; count: number } }) => put(toRange(plan))],
      CombineBatch: [({ plan }: { plan: { count: number } }) => ({ done: plan.count, failed: 0 })],
      Reduce: [reduced(10_001)],
    },
  }),
  play: (host) => startCompute(host, toId(1), { inputCount: 10_001 }),
  isRecorded: (id) => id === toId(1) || id.endsWith('-group-01'),
};
const toRange = ({ first, count }: { first: number; count: number }) =>
  [...Array(count).keys()].map((n) => first + n);

const task: Scenario = {
  note: 'Exits after its event and after polls; lost; canceled; past its timeout; not launched; still running.',
  activities: scriptActivities({
    [toId(1)]: { ...ran, InspectRunner: [running, exit(1, 0)] },
    [toId(2)]: { ...ran, InspectRunner: [running, running, running, exit(2, 3)] },
    [toId(3)]: { ...ran, InspectRunner: [{ exit: null, lost: true }] },
    [toId(4)]: { ...ran, InspectRunner: [running] },
    [toId(5)]: { ...ran, LaunchRunner: [{ timeoutSeconds: 2 }], InspectRunner: [running] },
    [toId(6)]: { ...ran, LaunchRunner: [{ reason: 'launch-failed', message: 'no launcher' }] },
    [toId(7)]: { ...ran, InspectRunner: [running] },
  }),
  play: async (host) => {
    for (const n of [1, 2, 3, 4, 6]) await startTask(host, toId(n));
    await toTimers(host, 1);
    await raise(host, toId(1), 'Exited', { v: 1 });
    await cancel(host, toId(4));
    await toTimers(host, 6);
    await startTask(host, toId(5));
    await host.advance(5_000);
    await startTask(host, toId(7));
    await toTimers(host, 2);
  },
  isRecorded: () => true,
};

const broken = new Error('storage is away');
const retries: Scenario = {
  note: 'A failed activity is tried again and succeeds; another never does; a third is between two attempts.',
  activities: scriptActivities({
    [toId(1)]: {
      ...ran,
      LaunchRunner: [broken, broken, { timeoutSeconds: 30 }],
      InspectRunner: [exit(1, 0)],
    },
    [toId(2)]: { ...threeBlocks, Reduce: [broken], MarkJob: [broken, { links: [] }] },
    [toId(3)]: { ...ran, LaunchRunner: [broken] },
  }),
  play: async (host) => {
    await startTask(host, toId(1));
    await toTimers(host, 4);
    await startCompute(host, toId(2), {});
    await toTimers(host, 12);
    await startTask(host, toId(3));
    await toTimers(host, 3);
  },
  isRecorded: () => true,
};

/** The scenarios, by the names of their files. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  approval,
  lock,
  blocks,
  groups,
  task,
  launch,
  retries,
};
