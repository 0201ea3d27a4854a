export { OrchestratorError, type HttpOptions } from './http-call.ts';
export { createHttpJobs } from './http-jobs.ts';
export { createHttpLeases } from './http-leases.ts';
export { createHttpLocks } from './http-locks.ts';
export type {
  ApproveAnswer,
  CancelAnswer,
  FollowLogOptions,
  InputsAnswer,
  JobFilter,
  Jobs,
  Leases,
  LockAnswer,
  Locks,
  LogChunk,
  RejectAnswer,
  RequestedLockEnd,
  StartAnswer,
  StartRequest,
  UnlockAnswer,
} from './port.ts';
export type { CallerName } from '../../contracts/caller.ts';
export type {
  Approval,
  Conditions,
  Lock,
  LockEnd,
  LockHolder,
  Person,
  WaitReason,
} from '../../contracts/conditions.ts';
export type {
  FailedBlock,
  Job,
  JobLog,
  JobPage,
  JobState,
  LinkName,
  BlockProgress,
  JobReason,
  TaskResult,
} from '../../contracts/job.ts';
export type { taskLockScope } from '../../contracts/task-locks.ts';
export type { AlgorithmDescription, ComputeOffer } from '../../contracts/algorithm-list.ts';
export type { Origin } from '../../contracts/origin.ts';
export type { Problem } from '../../contracts/problem.ts';
export type {
  TaskDefinition,
  TaskDigests,
  TaskList,
  TaskParameter,
} from '../../contracts/task-definition.ts';
