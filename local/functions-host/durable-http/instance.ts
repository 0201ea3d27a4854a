import { randomUUID } from 'node:crypto';
import { readJsonBody } from '../../../compute/orchestrator/json.ts';
import type { InstanceStatus } from '../../../compute/orchestrator/durable.ts';
import { eventNameProblem, hasEnded, type HostClient } from '../../durable-host/durable-host.ts';
import { emptyResponse, messageResponse } from '../responses.ts';
import type { DurableHttpCall } from './call.ts';
import { conflictResponse, startedResponse } from './start.ts';

/** Wraps a change of a running instance: returns 404 for an unknown one, 410 for an ended one, otherwise the response of `change`. */
const onLiveInstance =
  (change: (call: DurableHttpCall, id: string) => Promise<Response>) =>
  async (call: DurableHttpCall): Promise<Response> => {
    const { id = '' } = call.parameters;
    const status = await call.client.status(id);
    if (!status) return emptyResponse(404);
    return hasEnded(status.runtimeStatus) ? emptyResponse(410) : change(call, id);
  };

/** Returns 202, or 410 if the instance ended before the change. */
const acceptedResponse = (isDone: boolean): Response => emptyResponse(isDone ? 202 : 410);

/** `POST /instances/{id}/terminate?reason=` */
export const terminate = onLiveInstance(async ({ client, query }, id) =>
  acceptedResponse(await client.terminate(id, query.get('reason') ?? '')),
);

/** `POST /instances/{id}/suspend?reason=` */
export const suspend = onLiveInstance(async ({ client }, id) => acceptedResponse(await client.suspend(id)));

/** `POST /instances/{id}/resume?reason=` */
export const resume = onLiveInstance(async ({ client }, id) => acceptedResponse(await client.resume(id)));

/** `POST /instances/{id}/raiseEvent/{event}`. The order of the checks is 404, 410, 400. */
export const raiseEvent = onLiveInstance(async ({ request, parameters, client }, id) => {
  const { event = '' } = parameters;
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json')
    return messageResponse(400, 'Only application/json request content is supported');
  const problem = eventNameProblem(event);
  if (problem !== undefined) return messageResponse(400, problem);
  const data = await readJsonBody(request);
  if (!data.ok) return messageResponse(400, `The event is ${data.problem.message}`);
  return acceptedResponse(await client.raiseEvent(id, event, data.value ?? null));
});

/** `POST /instances/{id}/rewind`: not supported here, as with some of Durable Functions' storage providers. */
export const rewind = async ({ client, parameters }: DurableHttpCall): Promise<Response> => {
  const status = await client.status(parameters['id'] ?? '');
  if (!status) return emptyResponse(404);
  if (status.runtimeStatus !== 'Failed') return emptyResponse(412);
  return messageResponse(501, 'The embedded durable host does not support rewind. Use restart.');
};

/** `POST /instances/{id}/restart[?restartWithNewInstanceId=false]`: starts the same function with the same input. */
export const restart = async ({ client, query, parameters }: DurableHttpCall): Promise<Response> => {
  const { id = '' } = parameters;
  const before = await client.status(id);
  if (!before) return messageResponse(400, `An orchestration with the instanceId ${id} was not found.`);
  const isSame = query.get('restartWithNewInstanceId')?.toLowerCase() === 'false';
  return startCopy(client, before, isSame ? id : randomUUID().replaceAll('-', ''));
};

const startCopy = async (
  client: HostClient,
  { name, input }: InstanceStatus,
  id: string,
): Promise<Response> => {
  const { started, status } = await client.startOver(name, id, input);
  return started ? startedResponse(client, id) : conflictResponse(status.runtimeStatus);
};

/** `DELETE /instances/{id}` */
export const purgeInstance = async ({ client, parameters }: DurableHttpCall): Promise<Response> => {
  const { id = '' } = parameters;
  const status = await client.status(id);
  if (!status) return emptyResponse(404);
  if (!hasEnded(status.runtimeStatus)) return emptyResponse(412);
  return Response.json({ instancesDeleted: await client.purgeTree(id) });
};
