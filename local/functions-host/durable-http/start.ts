import { randomUUID } from 'node:crypto';
import { readJsonBody } from '../../../compute/orchestrator/json.ts';
import type { HostClient } from '../../durable-host/durable-host.ts';
import { instanceIdProblem } from '../../durable-host/durable-host.ts';
import { messageResponse } from '../responses.ts';
import type { DurableHttpCall } from './call.ts';

/** Returns the response to a start, with the management URIs of the instance. */
export const startedResponse = (client: HostClient, id: string): Response => {
  const uris = client.managementUris(id);
  const headers = { location: uris['statusQueryGetUri'] ?? '', 'retry-after': '10' };
  return Response.json({ id, ...uris }, { status: 202, headers });
};

/** Returns the response to a start with the id of a running instance. */
export const conflictResponse = (status: string): Response =>
  messageResponse(409, `An Orchestration instance with the status ${status} already exists.`);

/** `POST /orchestrators/{fn}[/{id}]`: starts an instance. As in Durable Functions, the id of an ended instance can be reused. */
export const startOrchestration = async ({
  request,
  parameters,
  client,
}: DurableHttpCall): Promise<Response> => {
  const { name = '', id = randomUUID().replaceAll('-', '') } = parameters;
  const input = await readJsonBody(request);
  if (!input.ok) return messageResponse(400, `The input is ${input.problem.message}`);
  const problem =
    instanceIdProblem(id) ?? (client.hasOrchestration(name) ? undefined : describeUnknownFunction(name));
  if (problem !== undefined) return messageResponse(400, problem);
  const { started, status } = await client.startOver(name, id, input.value ?? null);
  return started ? startedResponse(client, id) : conflictResponse(status.runtimeStatus);
};

const describeUnknownFunction = (name: string): string =>
  `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`;
