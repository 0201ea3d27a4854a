import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { isEventStream } from '../../../runtime/http/send-stream.ts';
import type { Blobs } from '../../storage/port.ts';
import type { DurableClient, OrchestratorApp } from '../durable.ts';
import { clientInput, readClientBinding } from './client-binding.ts';
import { createDurableClient } from './durable-client.ts';
import { toNcrontab } from './ncrontab.ts';

/**
 * Registers all functions of the app with Azure Functions, each under its own name.
 * @param options `streams`: whether answers can be streams. The host then passes all HTTP requests through a proxy.
 */
export const registerFunctions = (
  { registry, routes, events, queues, timers }: OrchestratorApp,
  blobs: Blobs,
  { streams }: { streams: boolean },
): void => {
  app.setup({ enableHttpStream: streams });
  for (const [name, orchestration] of Object.entries(registry.orchestrations))
    df.app.orchestration(name, orchestration);
  for (const [name, activity] of Object.entries(registry.activities))
    df.app.activity(name, { handler: (input: unknown) => activity(input as never) });
  const openClient = (context: InvocationContext): DurableClient =>
    createDurableClient(readClientBinding(context), blobs);
  const extraInputs = [clientInput];
  for (const route of routes)
    app.http(route.name, {
      route: route.path,
      methods: [route.method],
      // Each route has its own guard, because the Functions host knows only one kind of caller.
      authLevel: 'anonymous',
      extraInputs,
      handler: async (request, context) =>
        toResponseInit(await route.handle(toRequest(request), request.params, openClient(context))),
    });
  for (const event of events)
    app.eventGrid(event.name, {
      extraInputs,
      handler: (one, context) => event.handle([one], openClient(context)),
    });
  for (const queue of queues)
    app.storageQueue(queue.name, {
      queueName: queue.queue,
      connection: queue.connection,
      extraInputs,
      handler: (message, context) => queue.handle(message, openClient(context)),
    });
  for (const timer of timers)
    app.timer(timer.name, {
      schedule: toNcrontab(timer.everySeconds),
      extraInputs,
      handler: (_ring, context) => timer.handle(openClient(context)),
    });
};

/** Converts a request. Its body is read only after the guard has authorized the caller. */
const toRequest = (request: HttpRequest): Request => {
  const { url, method, body } = request;
  const headers = Object.fromEntries(request.headers.entries());
  const hasBody = method !== 'GET' && body !== null;
  return new Request(url, { method, headers, ...(hasBody ? { body, duplex: 'half' as const } : {}) });
};

const toResponseInit = async (response: Response): Promise<HttpResponseInit> => ({
  status: response.status,
  headers: Object.fromEntries(response.headers.entries()),
  body: isEventStream(response) ? response.body : await response.text(),
});
