import * as v from 'valibot';
import { read, unexpected, type Read } from '../../../contracts/problem.ts';
import { ComputeRequest, integer, withinSeconds } from '../../../contracts/job-request.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { refused } from './answers.ts';
import { bodyOf } from '../json.ts';
import { computeJob, type ComputeOptions } from './compute-job.ts';
import { startJob } from './start-job.ts';

/** `POST /api/orchestrators/ComputeOrchestrator[?inputCount=N]`: starts a compute job. */
export const startCompute = (options: ComputeOptions): GuardedRoute => {
  const { inputs, timeoutSeconds } = options.limits;
  const schema = v.object({
    ...ComputeRequest.entries,
    inputCount: integer(1, inputs),
    timeoutSeconds: withinSeconds(timeoutSeconds),
  });
  return {
    name: 'StartCompute',
    method: 'POST',
    path: 'orchestrators/ComputeOrchestrator',
    needs: 'start',
    handle: async (httpRequest, _parameters, client, caller) => {
      const body = await bodyOf(httpRequest);
      if (!body.ok) return refused(body.problem);
      const inputCount = inputCountOf(new URL(httpRequest.url), body.value['inputCount']);
      if (!inputCount.ok) return refused(inputCount.problem);
      const request = read(schema, { ...body.value, inputCount: inputCount.value });
      if (!request.ok) return refused(request.problem);
      const prepare = () => computeJob(client, options, request.value);
      return startJob({ client, caller, kind: 'compute', request: request.value, prepare });
    },
  };
};

/** From the query or from the body; both may stand, if they say the same. */
const inputCountOf = (url: URL, inBody: unknown): Read<unknown> => {
  const inQuery = url.searchParams.get('inputCount') ?? undefined;
  const same = inBody === inQuery || (typeof inBody === 'number' && String(inBody) === inQuery);
  if (inQuery === undefined || inBody === undefined || same) return { ok: true, value: inQuery ?? inBody };
  return unexpected(
    'inputCount',
    'the same number in query and body',
    `${inQuery} and ${JSON.stringify(inBody)}`,
  );
};
