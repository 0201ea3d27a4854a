export { httpJobs, OrchestratorFault, type HttpJobsOptions } from './http-jobs.ts';
export type { CancelAnswer, JobFilter, Jobs, StartAnswer, StartRequest } from './port.ts';
export type {
  FailedBlock,
  Job,
  JobPage,
  JobState,
  LinkName,
  Progress,
  Reason,
  TaskResult,
} from '../formats/job.ts';
export type { Origin } from '../formats/origin.ts';
export type { Problem } from '../formats/problem.ts';
export type { TaskDefinition, TaskList, TaskParameter } from '../formats/definition.ts';
