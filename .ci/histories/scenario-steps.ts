import type { ClockedHost } from '../../test/fixtures/clocked-host.ts';
import { startAt } from './record.ts';

/* What the scenarios of recorded histories do to jobs. */

/** A day in milliseconds. */
export const day = 86_400_000;
const via = { kind: 'platform', name: 'the platform', entry: true };
const requester = { id: '7', name: 'mona' };
const code = 'k3x9q0aa7b';
const origin = { repository: { id: 501, owner: 'acme', name: 'fleet' } };

/** Returns the id of a job of a recording, whose jobs are counted from 1. */
export const toId = (n: number): string => `job-${String(n).padStart(32, '0')}`;

/** The part that the inputs of all jobs have in common. */
export const shared = { v: 1, acceptedAt: new Date(startAt).toISOString(), startedBy: via };

/** Returns the condition of an approval by several people. */
export const toApproval = (count: number, days: number) => ({
  code,
  count,
  expiresSeconds: days * 86_400,
  requester,
});

/** Starts a compute job of three blocks, or of what the request says. */
export const startCompute = async (host: ClockedHost, id: string, request: object, parameters = {}) => {
  const defaults = {
    jobId: id,
    timeoutSeconds: 86_400,
    origin,
    inputCount: 3,
    algorithm: 'sum',
    blockSize: 1,
  };
  const input = { ...shared, kind: 'compute', request: { ...defaults, parameters, ...request }, parameters };
  await host.client.start('ComputeOrchestrator', id, { ...input, revision: 2 });
  await host.settle();
};

/** Starts a task of the first revision, or with more in its input, such as another revision. */
export const startTask = async (host: ClockedHost, id: string, request: object = {}, more: object = {}) => {
  const task = { jobId: id, origin, taskName: 'Greet', parameters: [{ name: 'who', value: 'mona' }] };
  const input = { ...shared, kind: 'task', request: { ...task, ...request }, secrets: [], locks: [] };
  await host.client.start('TaskOrchestrator', id, { ...input, ...more });
  await host.settle();
};

/** Raises an event, and waits until nothing is left to do. */
export const raise = async (host: ClockedHost, id: string, name: string, data: object) => {
  await host.client.raiseEvent(id, name, data);
  await host.settle();
};

/** Cancels a job. */
export const cancel = (host: ClockedHost, id: string) =>
  raise(host, id, 'Cancel', { reason: 'canceled-by-user', by: 'mona', via });

/** Raises the verdict of a person on an approval: an approval by default. */
export const decideOn = (host: ClockedHost, id: string, by: number, verdict: object = {}) =>
  raise(host, id, 'Approval', {
    decision: 'approve',
    by: { id: String(by), name: `person-${by}` },
    code,
    reason: null,
    via,
    ...verdict,
  });

/** Raises an event for blocks of a batch that have an output. */
export const reportBlocks = (host: ClockedHost, n: number, batch: number, blocks: number[]) =>
  raise(host, `batch-${toId(n).slice(4)}-${String(batch).padStart(4, '0')}`, 'BlocksDone', { v: 1, blocks });

/** Lets the next timers fire, one after the other. */
export const toTimers = async (host: ClockedHost, count: number) => {
  for (let n = 0; n < count; n += 1) await host.toNextTimer();
};
