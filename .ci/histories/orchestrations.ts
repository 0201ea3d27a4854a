import type { Orchestration } from '../../compute/orchestrator/durable.ts';
import { computeBatch } from '../../compute/orchestrator/orchestrations/compute-batch.ts';
import { computeGroup } from '../../compute/orchestrator/orchestrations/compute-group.ts';
import { computeOrchestrator } from '../../compute/orchestrator/orchestrations/compute-orchestrator.ts';
import { taskOrchestrator } from '../../compute/orchestrator/orchestrations/task-orchestrator.ts';
import type { Timing } from '../../compute/orchestrator/timing.ts';

/** The timing of all recorded histories: every wait differs, so that none can pass for another. */
const timing: Timing = {
  minBatchPoll: 0.5,
  maxBatchPoll: 4,
  minRunnerPoll: 0.3,
  maxRunnerPoll: 0.9,
  minLaunchRetry: 1.1,
  maxLaunchRetry: 4.1,
  maxLaunchWait: 9,
  maxStartWait: 7,
  minRemovalRetry: 0.4,
  maxRemovalRetry: 1.3,
  maxRemovalWait: 5,
  runnerGrace: 0.7,
  stopGrace: 20,
  minLockPoll: 0.2,
  maxLockPoll: 0.6,
  maxLockWait: 60,
  minRetryDelay: 0.05,
};

/** The orchestrations with the timing of the recorded histories. */
export const orchestrations: Readonly<Record<string, Orchestration>> = {
  ComputeOrchestrator: computeOrchestrator(timing),
  ComputeGroup: computeGroup(timing),
  ComputeBatch: computeBatch(timing),
  TaskOrchestrator: taskOrchestrator(timing),
};
