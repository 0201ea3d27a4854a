import { startAt } from './record.ts';
import { cancel, raise, startTask, toId } from './scenario-steps.ts';
import { scriptActivities, type Results, type Scenario } from './scenario.ts';
import { exit, lockConditions, ran, running } from './task-results.ts';

const waiting = { later: { waitingFor: 'a free container group: the limit of 100 is reached' } };
const starting = { exit: null, lost: false, started: null, message: null };
const started = (second: number) => ({
  exit: null,
  lost: false,
  started: new Date(startAt + second * 1_000).toISOString(),
});
const launched: Results = { ...ran, RemoveRunner: ['gone'], ReadRunnerLog: ['killed'] };
/** What the launch of a task's runner goes through. */
export const launch: Scenario = {
  note: 'Tasks of the second revision. Launched later; not launched in time; never launched; canceled while it waits, starts and runs; not started in time; lost before and after the start; past its timeout; removed late; starting; waiting for a launch.',
  activities: scriptActivities({
    [toId(1)]: {
      ...launched,
      LaunchRunner: [waiting, { later: { ...waiting.later, retryAfterSeconds: 3 } }, { timeoutSeconds: 30 }],
      InspectRunner: [starting, started(5), running, exit(1, 0)],
    },
    [toId(2)]: { ...launched, LaunchRunner: [waiting] },
    [toId(3)]: {
      ...launched,
      LaunchRunner: [{ reason: 'launch-failed', message: 'The image does not exist.' }],
    },
    [toId(4)]: { ...launched, LaunchRunner: [waiting] },
    [toId(5)]: { ...launched, InspectRunner: [starting] },
    [toId(6)]: {
      ...launched,
      InspectRunner: [started(0), running],
      RemoveRunner: ['later', 'later', 'gone'],
    },
    [toId(7)]: {
      ...launched,
      InspectRunner: [{ ...starting, message: 'The image cannot be pulled.' }],
      CollectRun: [{ started: false, logTail: null }],
      TakeLock: [{ held: true }],
      ReleaseLocks: [null],
    },
    [toId(8)]: {
      ...launched,
      InspectRunner: [{ ...starting, lost: true, message: 'The runner exited with code 1.' }],
      CollectRun: [{ started: false, logTail: null }],
    },
    [toId(9)]: { ...launched, InspectRunner: [started(0), { exit: null, lost: true, message: null }] },
    [toId(10)]: {
      ...launched,
      LaunchRunner: [{ timeoutSeconds: 2 }],
      InspectRunner: [started(0), running],
      RemoveRunner: ['later'],
      TakeLock: [{ held: true }],
    },
    [toId(11)]: { ...launched, InspectRunner: [starting] },
    [toId(12)]: { ...launched, LaunchRunner: [waiting] },
  }),
  play: async (host) => {
    const revision = { revision: 2 };
    const locked = { ...revision, locks: lockConditions('queue').conditions.locks };
    for (const n of [1, 2, 3, 4, 5, 6, 8, 9]) await startTask(host, toId(n), {}, revision);
    for (const n of [7, 10]) await startTask(host, toId(n), {}, locked);
    await host.advance(2_000);
    for (const n of [4, 5, 6]) await cancel(host, toId(n));
    await host.advance(6_000);
    await raise(host, toId(1), 'Exited', { v: 1 });
    await host.advance(10_000);
    for (const n of [11, 12]) await startTask(host, toId(n), {}, revision);
    await host.advance(2_000);
  },
  isRecorded: () => true,
};
