import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { InstanceStatus } from '../durable.ts';
import { JobOutput } from './job-end.ts';
import { JobInput, orchestrators } from './job-state.ts';

/** An instance that is a job, read; undefined for one that is not. */
export type JobInstance = { id: JobId; input: JobInput; status: InstanceStatus; end: JobOutput | undefined };

export const parseJobInstance = (status: InstanceStatus): JobInstance | undefined => {
  const id = v.safeParse(JobId, status.instanceId);
  const input = v.safeParse(JobInput, status.input);
  if (!id.success || !input.success || status.name !== orchestrators[input.output.kind]) return undefined;
  const end = status.runtimeStatus === 'Completed' ? v.safeParse(JobOutput, status.output) : undefined;
  return { id: id.output, input: input.output, status, end: end?.success ? end.output : undefined };
};
