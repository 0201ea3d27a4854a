import type { InstanceStatus } from '../../../compute/orchestrator/durable.ts';
import { hasEnded } from '../../durable-host/durable-host.ts';
import { emptyResponse } from '../responses.ts';
import { buildHistoryView } from './history.ts';
import type { DurableHttpCall } from './call.ts';

const readFlag = (query: URLSearchParams, name: string, byDefault: boolean): boolean =>
  (query.get(name) ?? String(byDefault)).toLowerCase() === 'true';

/** Formats a time to the second, as Durable Functions does. */
const toSeconds = (time: string): string => `${time.slice(0, 19)}Z`;

/** Returns an instance in the API's format. */
export const buildStatusView = (status: InstanceStatus, query: URLSearchParams): Record<string, unknown> => ({
  name: status.name,
  instanceId: status.instanceId,
  runtimeStatus: status.runtimeStatus,
  input: readFlag(query, 'showInput', true) ? status.input : null,
  customStatus: status.customStatus,
  output: status.output,
  createdTime: toSeconds(status.createdTime),
  lastUpdatedTime: toSeconds(status.lastUpdatedTime),
});

/** `GET /instances/{id}` */
export const getInstanceStatus = async ({
  client,
  parameters,
  query,
  address,
}: DurableHttpCall): Promise<Response> => {
  const { id = '' } = parameters;
  const status = await client.status(id);
  if (!status) return emptyResponse(404);
  const body = buildStatusView(status, query);
  if (readFlag(query, 'showHistory', false)) {
    const events = (await client.history(id)) ?? [];
    body['historyEvents'] = buildHistoryView(status, events, readFlag(query, 'showHistoryOutput', false));
  }
  if (!hasEnded(status.runtimeStatus))
    return Response.json(body, { status: 202, headers: { location: address, 'retry-after': '5' } });
  const isFault =
    status.runtimeStatus === 'Failed' && readFlag(query, 'returnInternalServerErrorOnFailure', false);
  return Response.json(body, { status: isFault ? 500 : 200 });
};
