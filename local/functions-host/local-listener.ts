import { emptyResponse } from './responses.ts';
import { createDurableHttpApi, type DurableHttpOptions } from './durable-http/durable-http.ts';

const path = 'durabletask';

/**
 * Creates the handler of the Durable extension's listener for the app on the same machine: the Durable HTTP API below `/durabletask/`,
 * without a key. It must only be served on the loopback address.
 * @param options `baseUrl`: returns the base URL of the handler
 * @returns the handler, for `createWebListener`, and `rpcBaseUrl`, which returns what the extension passes to the app
 */
export const createLocalListener = ({
  client,
  taskHub,
  baseUrl,
}: Pick<DurableHttpOptions, 'client' | 'taskHub'> & { baseUrl: () => string }) => {
  const url = () => `${baseUrl()}/${path}`;
  const api = createDurableHttpApi({ client, mayCall: () => true, url, taskHub });
  return {
    rpcBaseUrl: () => `${url()}/`,
    handle: async (request: Request): Promise<Response> => {
      const requested = new URL(request.url).pathname.slice(1);
      return requested.startsWith(`${path}/`)
        ? api(request, requested.slice(path.length + 1))
        : emptyResponse(404);
    },
  };
};
