import * as v from 'valibot';
import { integer, blockCountOf, ComputeRequest } from '../../formats/request.ts';
import { read, unexpected, type Read } from '../../formats/problem.ts';
import type { Algorithm } from '../../worker/algorithms/port.ts';
import type { Route } from '../durable.ts';
import type { ComputeJob } from '../job-input.ts';
import { refused } from './answers.ts';
import { bodyOf } from './body.ts';
import { startJob } from './start-job.ts';

/** The most inputs and blocks a job may have here. */
export type Limits = { inputs: number; blocks: number };

type Options = { algorithms: ReadonlyMap<string, Algorithm>; limits: Limits };

/** `POST /api/orchestrators/ComputeOrchestrator[?inputCount=N]`: starts a compute job. */
export const startCompute = ({ algorithms, limits }: Options): Route => {
  const schema = v.object({ ...ComputeRequest.entries, inputCount: integer(1, limits.inputs) });
  return {
    name: 'StartCompute',
    method: 'POST',
    path: 'orchestrators/ComputeOrchestrator',
    handle: async (httpRequest, _parameters, client) => {
      const body = await bodyOf(httpRequest);
      if (!body.ok) return refused(body.problem);
      const inputCount = inputCountOf(new URL(httpRequest.url), body.value['inputCount']);
      if (!inputCount.ok) return refused(inputCount.problem);
      const request = read(schema, { ...body.value, inputCount: inputCount.value });
      if (!request.ok) return refused(request.problem);
      const prepare = async () => computeJob(algorithms, limits, request.value);
      return startJob({ client, kind: 'compute', request: request.value, prepare });
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

const computeJob = (
  algorithms: Options['algorithms'],
  limits: Limits,
  request: ComputeRequest,
): Read<ComputeJob> => {
  const blocks = blockCountOf(request);
  if (blocks > limits.blocks) {
    const least = Math.ceil(request.inputCount / limits.blocks);
    return unexpected(
      'blockSize',
      `at least ${least}, for at most ${limits.blocks} blocks`,
      `${blocks} blocks`,
    );
  }
  const algorithm = algorithms.get(request.algorithm);
  if (!algorithm)
    return unexpected(
      'algorithm',
      `one of ${[...algorithms.keys()].join(', ')}`,
      request.algorithm,
      'unknown-algorithm',
    );
  const parameters = read(v.object({ parameters: algorithm.parameters }), { parameters: request.parameters });
  if (!parameters.ok) return parameters;
  const filled = parameters.value.parameters as Record<string, unknown>;
  const acceptedAt = new Date().toISOString();
  return { ok: true, value: { v: 1, kind: 'compute', acceptedAt, request, parameters: filled } };
};
