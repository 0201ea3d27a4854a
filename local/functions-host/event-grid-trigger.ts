import * as v from 'valibot';
import { parseInput } from '../../contracts/problem.ts';
import { readJsonBody } from '../../compute/orchestrator/json.ts';
import type { DurableClient, EventFunction } from '../../compute/orchestrator/durable.ts';
import { emptyResponse, messageResponse } from './responses.ts';
import type { createSystemKeyCheck } from './system-key.ts';

/** The path of the Event Grid trigger. */
export const eventGridPath = 'runtime/webhooks/eventgrid';

const anEvent = 'expected one event or an array of events, each a JSON object';
const Event = v.pipe(
  v.looseObject({}, anEvent),
  v.check((event) => !Array.isArray(event), anEvent),
);
const Events = v.pipe(
  v.unknown(),
  v.transform((body) => (Array.isArray(body) ? body : [body])),
  v.array(Event, anEvent),
);
const Validation = v.looseObject({ data: v.looseObject({ validationCode: v.string() }) });

export type EventGridOptions = {
  functions: readonly EventFunction[];
  client: DurableClient;
  mayCall: ReturnType<typeof createSystemKeyCheck>;
};

/** Creates the handler of the Event Grid trigger: both handshakes, and deliveries in Event Grid's schema or as CloudEvents. */
export const createEventGridTrigger =
  ({ functions, client, mayCall }: EventGridOptions) =>
  async (request: Request): Promise<Response> => {
    if (!mayCall(request)) return emptyResponse(401);
    const name = new URL(request.url).searchParams.get('functionName');
    const target = functions.find((known) => known.name === name);
    if (!target) return messageResponse(404, `cannot find function: '${name ?? ''}'`);
    if (request.method === 'OPTIONS') return answerCloudEventsValidation(request);
    if (request.method !== 'POST') return emptyResponse(405, { allow: 'POST, OPTIONS' });

    const json = await readJsonBody(request);
    const body = json.ok ? parseInput(Events, json.value, 'invalid-json') : json;
    if (!body.ok) return messageResponse(400, body.problem.message);
    const kind = request.headers.get('aeg-event-type');
    if (kind === 'SubscriptionValidation') return answerValidation(body.value[0]);
    if (kind !== 'Unsubscribe') await target.handle(body.value, client);
    return emptyResponse(202);
  };

const answerValidation = (event: unknown): Response => {
  const validation = v.safeParse(Validation, event);
  if (!validation.success)
    return messageResponse(400, 'The validation event does not contain a validation code.');
  return Response.json({ validationResponse: validation.output.data.validationCode });
};

const answerCloudEventsValidation = (request: Request): Response => {
  const origin = request.headers.get('webhook-request-origin');
  if (!origin) return messageResponse(400, 'The header WebHook-Request-Origin is missing.');
  return emptyResponse(200, { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' });
};
