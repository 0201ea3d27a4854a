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

/** Returns whether an instance has not ended. */
export const isLive = ({ runtimeStatus }: Pick<InstanceStatus, 'runtimeStatus'>): boolean =>
  (liveStatuses as readonly RuntimeStatus[]).includes(runtimeStatus);

/** The number of instances per page. */
const pageSize = 500;

/** Lists all instances that match a filter, page by page. */
export async function* listInstances(
  client: DurableClient,
  filter: Omit<InstanceFilter, 'top' | 'continuation'>,
): AsyncGenerator<InstanceStatus> {
  let continuation: string | undefined;
  do {
    const page = await client.list({ ...filter, top: pageSize, ...(continuation ? { continuation } : {}) });
    yield* page.instances;
    continuation = page.continuation;
  } while (continuation !== undefined);
}
