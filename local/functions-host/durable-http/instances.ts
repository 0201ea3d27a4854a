import * as v from 'valibot';
import { parseInput } from '../../../contracts/problem.ts';
import {
  runtimeStatuses,
  UnknownContinuationError,
  type RuntimeStatus,
} from '../../../compute/orchestrator/durable.ts';
import { emptyResponse, messageResponse } from '../responses.ts';
import type { DurableHttpCall } from './call.ts';
import { buildStatusView } from './status.ts';

const continuationHeader = 'x-ms-continuation-token';

const time = 'expected a time such as 2026-01-31T12:00:00Z';
const Time = v.pipe(
  v.string(time),
  v.check((text) => !Number.isNaN(Date.parse(text)), time),
  v.transform((text) => new Date(text).toISOString()),
);

const byLowerCase = new Map<string, RuntimeStatus>(
  runtimeStatuses.map((status) => [status.toLowerCase(), status]),
);
const Statuses = v.pipe(
  v.string(),
  v.transform((list) => list.split(',').map((name) => byLowerCase.get(name.trim().toLowerCase()))),
  v.array(v.picklist(runtimeStatuses, `expected some of ${runtimeStatuses.join(', ')}`)),
);

const top = 'expected an integer from 1 to 1000';
const Filter = v.object({
  createdTimeFrom: v.optional(Time),
  createdTimeTo: v.optional(Time),
  runtimeStatus: v.optional(Statuses),
  instanceIdPrefix: v.optional(v.string()),
  top: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,4}$/, top),
      v.transform(Number),
      v.minValue(1, top),
      v.maxValue(1000, top),
    ),
  ),
});

const parseFilter = (query: URLSearchParams) =>
  parseInput(Filter, Object.fromEntries([...query].filter(([, value]) => value !== '')));

/** `GET /instances`: returns one page, newest first. The continuation header of the response requests the next page. */
export const listInstances = async ({ request, client, query }: DurableHttpCall): Promise<Response> => {
  const filter = parseFilter(query);
  if (!filter.ok) return messageResponse(400, filter.problem.message);
  const { createdTimeFrom, createdTimeTo, runtimeStatus, instanceIdPrefix, top: most } = filter.value;
  const given = {
    createdFrom: createdTimeFrom,
    createdTo: createdTimeTo,
    statuses: runtimeStatus,
    prefix: instanceIdPrefix,
    top: most,
    continuation: request.headers.get(continuationHeader) || undefined,
  };
  try {
    const page = await client.list(
      Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    );
    const headers = page.continuation === undefined ? {} : { [continuationHeader]: page.continuation };
    return Response.json(
      page.instances.map((status) => buildStatusView(status, query)),
      { headers },
    );
  } catch (error) {
    if (error instanceof UnknownContinuationError) return messageResponse(400, error.message);
    throw error;
  }
};

/** `DELETE /instances?createdTimeFrom=`: purges ended instances only. */
export const purgeInstances = async ({ client, query }: DurableHttpCall): Promise<Response> => {
  const filter = parseFilter(query);
  if (!filter.ok) return messageResponse(400, filter.problem.message);
  const { createdTimeFrom: createdFrom, createdTimeTo: createdTo, runtimeStatus: statuses } = filter.value;
  if (createdFrom === undefined)
    return messageResponse(400, "Please provide value for 'createdTimeFrom' parameter.");
  const instancesDeleted = await client.purgeCreated({
    createdFrom,
    ...(createdTo && { createdTo }),
    ...(statuses && { statuses }),
  });
  return instancesDeleted === 0 ? emptyResponse(404) : Response.json({ instancesDeleted });
};
