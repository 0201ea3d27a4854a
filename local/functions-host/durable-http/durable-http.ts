import type { HostClient } from '../../durable-host/durable-host.ts';
import { emptyResponse, messageResponse } from '../responses.ts';
import { matchPattern } from '../route-pattern.ts';
import type { DurableHttpCall } from './call.ts';
import { listInstances, purgeInstances } from './instances.ts';
import { purgeInstance, raiseEvent, restart, resume, rewind, suspend, terminate } from './instance.ts';
import { startOrchestration } from './start.ts';
import { getInstanceStatus } from './status.ts';

type Operation = { method: string; path: string; run: (call: DurableHttpCall) => Promise<Response> };

/** The operations, in the order of the API's reference. */
const operations: readonly Operation[] = [
  { method: 'POST', path: 'orchestrators/{name}', run: startOrchestration },
  { method: 'POST', path: 'orchestrators/{name}/{id}', run: startOrchestration },
  { method: 'GET', path: 'instances', run: listInstances },
  { method: 'DELETE', path: 'instances', run: purgeInstances },
  { method: 'GET', path: 'instances/{id}', run: getInstanceStatus },
  { method: 'DELETE', path: 'instances/{id}', run: purgeInstance },
  { method: 'POST', path: 'instances/{id}/terminate', run: terminate },
  { method: 'POST', path: 'instances/{id}/suspend', run: suspend },
  { method: 'POST', path: 'instances/{id}/resume', run: resume },
  { method: 'POST', path: 'instances/{id}/raiseEvent/{event}', run: raiseEvent },
  { method: 'POST', path: 'instances/{id}/rewind', run: rewind },
  { method: 'POST', path: 'instances/{id}/restart', run: restart },
];

export type DurableHttpOptions = {
  client: HostClient;
  mayCall: (request: Request) => boolean;
  /** Returns the URL of the API, without a final slash. */
  url: () => string;
  taskHub: string;
};

/** Creates the handler of the Durable HTTP API, as Durable Functions documents it. */
export const createDurableHttpApi =
  ({ client, mayCall, url, taskHub }: DurableHttpOptions) =>
  async (request: Request, path: string): Promise<Response> => {
    if (!mayCall(request)) return emptyResponse(401);
    const { searchParams: query, search } = new URL(request.url);
    const hub = query.get('taskHub') ?? taskHub;
    if (hub.toLowerCase() !== taskHub.toLowerCase())
      return messageResponse(400, `The task hub here is ${taskHub}.`);
    for (const { method, path: pattern, run } of operations) {
      const parameters = method === request.method ? matchPattern(pattern, path) : undefined;
      if (parameters)
        return run({
          request,
          query,
          parameters,
          client,
          address: `${url()}/${path}${search}`,
        });
    }
    return emptyResponse(404);
  };
