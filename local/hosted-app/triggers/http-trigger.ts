import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Route } from '../../../compute/orchestrator/durable.ts';
import { problemResponse } from '../../functions-host/responses.ts';
import type { DurableStorage } from '../durable-storage.ts';
import type { InvokeFunction, TriggeredFunction } from '../worker/invoke-function.ts';
import type { RpcHttp } from '../worker/programming-model.ts';

const HttpTrigger = v.object({
  route: v.string(),
  methods: v.array(v.picklist(['GET', 'POST'])),
  /** The app authenticates its callers. A function with another level would need keys that this host does not have. */
  authLevel: v.literal('anonymous'),
});

type HttpTriggerOptions = {
  functions: readonly TriggeredFunction[];
  invoke: InvokeFunction;
  /** The address of the app's own server for streams; undefined if the app does not stream. */
  httpUri: string | undefined;
  storage: DurableStorage;
};

/** Returns the routes of HTTP functions. With streams, the host passes requests and answers through the app's own server. */
export const createRoutes = ({ functions, invoke, httpUri, storage }: HttpTriggerOptions): Route[] =>
  functions.flatMap((called) => {
    const { route: path, methods } = v.parse(HttpTrigger, called.trigger);
    const handle: Route['handle'] = (request, parameters) =>
      httpUri === undefined
        ? answerWhole(invoke, called, request, parameters)
        : answerStreamed(invoke, called, { request, parameters, httpUri });
    const answer = { GET: handle, POST: confirmEffects(storage, handle) };
    return methods.map((method): Route => ({ name: called.name, method, path, handle: answer[method] }));
  });

/** Wraps a handler: its answer is sent when its effects are on disk. If they may be lost, the caller is asked to repeat the request. */
const confirmEffects =
  (storage: DurableStorage, handle: Route['handle']): Route['handle'] =>
  async (...request) => {
    const { result, isDurable } = await storage.runOnce(() => handle(...request));
    return isDurable ? result : problemResponse(503, 'unavailable', 'Storage was restarted. Try again.');
  };

type PathParameters = Readonly<Record<string, string>>;

const answerWhole = async (
  invoke: InvokeFunction,
  called: TriggeredFunction,
  request: Request,
  parameters: PathParameters,
): Promise<Response> => {
  const { url, method } = request;
  const headers = Object.fromEntries(request.headers);
  const body = { bytes: new Uint8Array(await request.arrayBuffer()) };
  const answer = await invoke(called, { data: { http: { url, method, headers, params: parameters, body } } });
  return toResponse(answer?.http ?? {});
};

/** A function that returns nothing answers 204, as with the Functions host. */
const toResponse = ({ statusCode = '204', headers = {}, body }: RpcHttp): Response => {
  const bytes = body?.bytes ?? new Uint8Array();
  const content = bytes.length > 0 ? (bytes as Uint8Array<ArrayBuffer>) : null;
  return new Response(content, { status: Number(statusCode), headers });
};

type StreamedRequest = { request: Request; parameters: PathParameters; httpUri: string };

/** Invokes the function, and passes the request itself to the app's server, which answers for it. */
const answerStreamed = async (
  invoke: InvokeFunction,
  called: TriggeredFunction,
  { request, parameters, httpUri }: StreamedRequest,
): Promise<Response> => {
  const { pathname, search, host, protocol } = new URL(request.url);
  const invocationId = randomUUID();
  const failed = new AbortController();
  const metadata = {
    Headers: { json: JSON.stringify(Object.fromEntries(request.headers)) },
    ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { string: value }])),
  };
  // Otherwise, the request would wait for an answer that never comes.
  invoke(called, { data: { http: {} }, metadata, invocationId }).catch((error: unknown) =>
    failed.abort(error),
  );
  const { method, body } = request;
  const answer = await fetch(new URL(`${pathname}${search}`, httpUri), {
    method,
    headers: {
      'x-ms-invocation-id': invocationId,
      'x-forwarded-host': host,
      'x-forwarded-proto': protocol.slice(0, -1),
    },
    ...(body === null ? {} : { body, duplex: 'half' as const }),
    redirect: 'manual',
    signal: failed.signal,
  });
  const headers = new Headers(answer.headers);
  for (const name of connectionHeaders) headers.delete(name);
  // Piped at once: fetch cancels a body that nobody reads when the answer is garbage-collected, as in a wait for storage.
  const piped = answer.body?.pipeThrough(new TransformStream<Uint8Array, Uint8Array>()) ?? null;
  return new Response(piped, { status: answer.status, headers });
};

/** The headers of the connection to the app's server, which are not part of the answer. */
const connectionHeaders = ['connection', 'keep-alive', 'transfer-encoding', 'x-ms-invocation-id', 'date'];
