import { randomUUID } from 'node:crypto';
import { jsonOf } from '../../../compute/orchestrator/json.ts';
import type { HostClient } from '../../durable-host/durable-host.ts';
import { instanceIdProblem } from '../../durable-host/durable-host.ts';
import { messageAnswer } from '../responses.ts';
import type { Call } from './call.ts';

/** The answer to a start: where to follow and to manage the instance. */
export const startedAnswer = (client: HostClient, id: string): Response => {
  const uris = client.managementUris(id);
  const headers = { location: uris['statusQueryGetUri'] ?? '', 'retry-after': '10' };
  return Response.json({ id, ...uris }, { status: 202, headers });
};

/** The answer when an id is taken by an instance that lives. */
export const conflictAnswer = (status: string): Response =>
  messageAnswer(409, `An Orchestration instance with the status ${status} already exists.`);

/** `POST /orchestrators/{fn}[/{id}]`: Durable's own rule, by which the id of an ended instance can be used again. */
export const start = async ({ request, parameters, client }: Call): Promise<Response> => {
  const { name = '', id = randomUUID().replaceAll('-', '') } = parameters;
  const input = await jsonOf(request);
  if (!input.ok) return messageAnswer(400, `The input is ${input.problem.message}`);
  const problem = instanceIdProblem(id) ?? (client.knows(name) ? undefined : unknownFunction(name));
  if (problem !== undefined) return messageAnswer(400, problem);
  const { started, status } = await client.startOver(name, id, input.value ?? null);
  return started ? startedAnswer(client, id) : conflictAnswer(status.runtimeStatus);
};

const unknownFunction = (name: string): string =>
  `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`;
