import * as v from 'valibot';
import { parseInput, rejectField, type ParseResult } from '../../../contracts/problem.ts';
import { integerInRange } from '../../../contracts/json-values.ts';
import { ComputeRequest, timeoutSchema } from '../../../contracts/job-request.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { toBadRequest } from './answers.ts';
import { readBody } from '../json.ts';
import { prepareComputeJob, type StartComputeOptions } from './compute-job.ts';
import { startJob } from './start-job.ts';

/** `POST /api/orchestrators/ComputeOrchestrator[?inputCount=N]`: starts a compute job. */
export const startCompute = (options: StartComputeOptions): GuardedRoute => {
  const { inputs, timeoutSeconds } = options.limits;
  const schema = v.object({
    ...ComputeRequest.entries,
    inputCount: integerInRange(1, inputs),
    timeoutSeconds: timeoutSchema(timeoutSeconds),
  });
  return {
    name: 'StartCompute',
    method: 'POST',
    path: 'orchestrators/ComputeOrchestrator',
    needs: 'start',
    handle: async (httpRequest, _parameters, client, caller) => {
      const body = await readBody(httpRequest);
      if (!body.ok) return toBadRequest(body.problem);
      const inputCount = readInputCount(new URL(httpRequest.url), body.value['inputCount']);
      if (!inputCount.ok) return toBadRequest(inputCount.problem);
      const request = parseInput(schema, { ...body.value, inputCount: inputCount.value });
      if (!request.ok) return toBadRequest(request.problem);
      const prepare = () => prepareComputeJob(client, options, request.value);
      return startJob({ client, caller, kind: 'compute', request: request.value, prepare });
    },
  };
};

/** From the query or from the body; both may stand, if they say the same. */
const readInputCount = (url: URL, inBody: unknown): ParseResult<unknown> => {
  const inQuery = url.searchParams.get('inputCount') ?? undefined;
  const same = inBody === inQuery || (typeof inBody === 'number' && String(inBody) === inQuery);
  if (inQuery === undefined || inBody === undefined || same) return { ok: true, value: inQuery ?? inBody };
  return rejectField(
    'inputCount',
    'the same number in query and body',
    `${inQuery} and ${JSON.stringify(inBody)}`,
  );
};
