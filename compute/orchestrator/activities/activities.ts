import { collectRun } from './collect-run.ts';
import { combineBatch } from './combine-batch.ts';
import type { Dependencies } from './dependencies.ts';
import { inspectRunner } from './runner.ts';
import { launchRunner } from './launch-runner.ts';
import { lookAtBatch } from './look-at-batch.ts';
import { markJob } from './mark-canceled.ts';
import { putBlocks } from './put-blocks.ts';
import { reduce } from './reduce.ts';
import { releaseLocks } from './release-locks.ts';
import { takeLock } from './locks.ts';
import { tallyBatch } from './tally-batch.ts';

/** All activities, by the names under which orchestrations call them. */
export const makeActivities = (dependencies: Dependencies) => ({
  PutBlocks: putBlocks(dependencies),
  LookAtBatch: lookAtBatch(dependencies),
  CombineBatch: combineBatch(dependencies),
  TallyBatch: tallyBatch(dependencies),
  MarkJob: markJob(dependencies),
  Reduce: reduce(dependencies),
  LaunchRunner: launchRunner(dependencies),
  InspectRunner: inspectRunner(dependencies),
  CollectRun: collectRun(dependencies),
  TakeLock: takeLock(dependencies),
  ReleaseLocks: releaseLocks(dependencies),
});

/** What orchestrations know of activities: names, inputs, outputs. */
export type Activities = ReturnType<typeof makeActivities>;
