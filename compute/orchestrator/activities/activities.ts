import { collectRun, inspectRunner } from './runner.ts';
import { combineBatch } from './combine-batch.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { launchRunner } from './launch-runner.ts';
import { pollBatch, countVerdicts } from './list-outputs.ts';
import { markCanceled } from './mark-canceled.ts';
import { putParameters } from './parameters.ts';
import { putBlocks } from './put-blocks.ts';
import { reduce } from './reduce.ts';
import { readRunnerLog } from './read-runner-log.ts';
import { removeRunnerOnce } from './remove-runner.ts';
import { releaseLocks, takeLock } from './locks.ts';

/** Creates all activities, by their names in recorded histories. */
export const makeActivities = (dependencies: ActivityDependencies) => ({
  PutParameters: putParameters(dependencies),
  PutBlocks: putBlocks(dependencies),
  LookAtBatch: pollBatch(dependencies),
  CombineBatch: combineBatch(dependencies),
  TallyBatch: countVerdicts(dependencies),
  MarkJob: markCanceled(dependencies),
  Reduce: reduce(dependencies),
  LaunchRunner: launchRunner(dependencies),
  InspectRunner: inspectRunner(dependencies),
  CollectRun: collectRun(dependencies),
  RemoveRunner: removeRunnerOnce(dependencies),
  ReadRunnerLog: readRunnerLog(dependencies),
  TakeLock: takeLock(dependencies),
  ReleaseLocks: releaseLocks(dependencies),
  /** Does nothing. The Durable Functions extension waits for it, as for any activity, before it goes on (see `StopSignals`). */
  Checkpoint: async (): Promise<null> => null,
});

/** The activities' names, inputs and outputs, for orchestrations. */
export type Activities = ReturnType<typeof makeActivities>;
