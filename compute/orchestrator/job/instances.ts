import type { DurableClient, InstanceFilter, InstanceStatus, RuntimeStatus } from '../durable.ts';

/** The runtime statuses of an instance that has not ended. */
export const liveStatuses = [
  'Pending',
  'Running',
  'Suspended',
  'ContinuedAsNew',
] as const satisfies RuntimeStatus[];

/** The runtime statuses of an instance that has ended. */
export const endedStatuses = [
  'Completed',
  'Failed',
  'Terminated',
  'Canceled',
] as const satisfies RuntimeStatus[];

export const isLive = ({ runtimeStatus }: Pick<InstanceStatus, 'runtimeStatus'>): boolean =>
  (liveStatuses as readonly RuntimeStatus[]).includes(runtimeStatus);

/** Instances a page of a whole listing. */
const pageSize = 500;

/** All instances that a filter lets through, page by page. */
export async function* listInstances(
  client: DurableClient,
  filter: Omit<InstanceFilter, 'top' | 'continuation'>,
): AsyncGenerator<InstanceStatus> {
  let continuation: string | undefined;
  do {
    const answer = await client.list({ ...filter, top: pageSize, ...(continuation ? { continuation } : {}) });
    yield* answer.instances;
    continuation = answer.continuation;
  } while (continuation !== undefined);
}
