import { collectRun } from './collect-run.ts';
import { combineBatch } from './combine-batch.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { inspectRunner } from './runner.ts';
import { launchRunner } from './launch-runner.ts';
import { pollBatch } from './look-at-batch.ts';
import { markCanceled } from './mark-canceled.ts';
import { putBlocks } from './put-blocks.ts';
import { reduce } from './reduce.ts';
import { releaseLocks } from './release-locks.ts';
import { takeLock } from './locks.ts';
import { countVerdicts } from './tally-batch.ts';

/** All activities, by the names under which orchestrations call them. */
export const makeActivities = (dependencies: ActivityDependencies) => ({
  PutBlocks: putBlocks(dependencies),
  LookAtBatch: pollBatch(dependencies),
  CombineBatch: combineBatch(dependencies),
  TallyBatch: countVerdicts(dependencies),
  MarkJob: markCanceled(dependencies),
  Reduce: reduce(dependencies),
  LaunchRunner: launchRunner(dependencies),
  InspectRunner: inspectRunner(dependencies),
  CollectRun: collectRun(dependencies),
  TakeLock: takeLock(dependencies),
  ReleaseLocks: releaseLocks(dependencies),
});

/** What orchestrations know of activities: names, inputs, outputs. */
export type Activities = ReturnType<typeof makeActivities>;
