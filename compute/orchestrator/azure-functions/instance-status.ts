import * as v from 'valibot';
import { runtimeStatuses, type InstanceStatus } from '../durable.ts';

const timeSchema = v.pipe(
  v.string(),
  v.transform((text) => new Date(text).toISOString()),
);

/** A status as the Durable Functions extension answers with it. */
export const InstanceStatusBody = v.pipe(
  v.object({
    name: v.string(),
    instanceId: v.string(),
    runtimeStatus: v.picklist(runtimeStatuses),
    input: v.optional(v.unknown()),
    customStatus: v.optional(v.unknown()),
    output: v.optional(v.unknown()),
    createdTime: timeSchema,
    lastUpdatedTime: timeSchema,
  }),
  v.transform(({ input, customStatus, output, ...rest }): InstanceStatus => ({
    ...rest,
    input,
    customStatus,
    output,
  })),
);
