import { randomUUID } from 'node:crypto';
import { jsonOf } from '../../../compute/orchestrator/json.ts';
import type { InstanceStatus } from '../../../compute/orchestrator/durable.ts';
import { eventNameProblem, hasEnded, type HostClient } from '../../durable-host/durable-host.ts';
import { emptyAnswer, messageAnswer } from '../responses.ts';
import type { Call } from './call.ts';
import { conflictAnswer, startedAnswer } from './start.ts';

/** A change that only an instance that lives takes: 404 unknown, 410 ended, else what `change` answers. */
const onLiving =
  (change: (call: Call, id: string) => Promise<Response>) =>
  async (call: Call): Promise<Response> => {
    const { id = '' } = call.parameters;
    const status = await call.client.status(id);
    if (!status) return emptyAnswer(404);
    return hasEnded(status.runtimeStatus) ? emptyAnswer(410) : change(call, id);
  };

/** The change may have come too late after all. */
const accepted = (isDone: boolean): Response => emptyAnswer(isDone ? 202 : 410);

/** `POST /instances/{id}/terminate?reason=` */
export const terminate = onLiving(async ({ client, query }, id) =>
  accepted(await client.terminate(id, query.get('reason') ?? '')),
);

/** `POST /instances/{id}/suspend?reason=` */
export const suspend = onLiving(async ({ client }, id) => accepted(await client.suspend(id)));

/** `POST /instances/{id}/resume?reason=` */
export const resume = onLiving(async ({ client }, id) => accepted(await client.resume(id)));

/** `POST /instances/{id}/raiseEvent/{event}`; the checks come in this order: 404, 410, 400. */
export const raiseEvent = onLiving(async ({ request, parameters, client }, id) => {
  const { event = '' } = parameters;
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json')
    return messageAnswer(400, 'Only application/json request content is supported');
  const problem = eventNameProblem(event);
  if (problem !== undefined) return messageAnswer(400, problem);
  const data = await jsonOf(request);
  if (!data.ok) return messageAnswer(400, `The event is ${data.problem.message}`);
  return accepted(await client.raiseEvent(id, event, data.value ?? null));
});

/** `POST /instances/{id}/rewind`: not offered here, as on some of Durable Functions' own storage providers. */
export const rewind = async ({ client, parameters }: Call): Promise<Response> => {
  const status = await client.status(parameters['id'] ?? '');
  if (!status) return emptyAnswer(404);
  if (status.runtimeStatus !== 'Failed') return emptyAnswer(412);
  return messageAnswer(501, 'The embedded durable host does not rewind. Use restart.');
};

/** `POST /instances/{id}/restart[?restartWithNewInstanceId=false]`: the same function and input once more. */
export const restart = async ({ client, query, parameters }: Call): Promise<Response> => {
  const { id = '' } = parameters;
  const before = await client.status(id);
  if (!before) return messageAnswer(400, `An orchestration with the instanceId ${id} was not found.`);
  const isSame = query.get('restartWithNewInstanceId')?.toLowerCase() === 'false';
  return startAgain(client, before, isSame ? id : randomUUID().replaceAll('-', ''));
};

const startAgain = async (
  client: HostClient,
  { name, input }: InstanceStatus,
  id: string,
): Promise<Response> => {
  const { started, status } = await client.startOver(name, id, input);
  return started ? startedAnswer(client, id) : conflictAnswer(status.runtimeStatus);
};

/** `DELETE /instances/{id}` */
export const purgeInstance = async ({ client, parameters }: Call): Promise<Response> => {
  const { id = '' } = parameters;
  const status = await client.status(id);
  if (!status) return emptyAnswer(404);
  if (!hasEnded(status.runtimeStatus)) return emptyAnswer(412);
  return Response.json({ instancesDeleted: await client.purgeTree(id) });
};
