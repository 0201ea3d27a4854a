import type { InstanceStatus } from '../../../compute/orchestrator/durable.ts';
import { hasEnded } from '../../durable-host/durable-host.ts';
import { emptyAnswer } from '../responses.ts';
import { historyView } from './history.ts';
import type { Call } from './call.ts';

const flag = (query: URLSearchParams, name: string, byDefault: boolean): boolean =>
  (query.get(name) ?? String(byDefault)).toLowerCase() === 'true';

/** Durable Functions writes times to the second. */
const inSeconds = (time: string): string => `${time.slice(0, 19)}Z`;

/** An instance as the API shows it. */
export const statusView = (status: InstanceStatus, query: URLSearchParams): Record<string, unknown> => ({
  name: status.name,
  instanceId: status.instanceId,
  runtimeStatus: status.runtimeStatus,
  input: flag(query, 'showInput', true) ? status.input : null,
  customStatus: status.customStatus,
  output: status.output,
  createdTime: inSeconds(status.createdTime),
  lastUpdatedTime: inSeconds(status.lastUpdatedTime),
});

/** `GET /instances/{id}` */
export const instanceStatus = async ({ client, parameters, query, address }: Call): Promise<Response> => {
  const { id = '' } = parameters;
  const status = await client.status(id);
  if (!status) return emptyAnswer(404);
  const body = statusView(status, query);
  if (flag(query, 'showHistory', false)) {
    const events = (await client.history(id)) ?? [];
    body['historyEvents'] = historyView(status, events, flag(query, 'showHistoryOutput', false));
  }
  if (!hasEnded(status.runtimeStatus))
    return Response.json(body, { status: 202, headers: { location: address, 'retry-after': '5' } });
  const isFault =
    status.runtimeStatus === 'Failed' && flag(query, 'returnInternalServerErrorOnFailure', false);
  return Response.json(body, { status: isFault ? 500 : 200 });
};
