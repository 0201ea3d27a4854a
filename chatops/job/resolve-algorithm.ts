import type { ComputeOffer } from '../../compute/client/index.ts';
import { defaultAlgorithm } from '../../contracts/job-request.ts';
import type { RedactedValue } from './job-values.ts';
import type { JobPlan } from './plan.ts';

/** The algorithm that a planned computation uses. */
export type ResolvedAlgorithm = {
  name: string;
  /** The command names no algorithm. */
  isDefault: boolean;
  /** Untrusted text; undefined if it is unknown. */
  description: string | undefined;
  /** Its parameters, given ones first; without their defaults if these are unknown. */
  parameters: readonly RedactedValue[];
};

/** Returns the algorithm of a planned computation; undefined for a task. @param offer undefined if it is unknown */
export const resolveAlgorithm = (
  { work, parameters }: Pick<JobPlan, 'work' | 'parameters'>,
  offer: ComputeOffer | undefined,
): ResolvedAlgorithm | undefined => {
  if (work.kind !== 'compute') return undefined;
  const name = work.algorithm ?? offer?.defaultAlgorithm ?? defaultAlgorithm;
  const algorithm = offer?.algorithms.find((one) => one.name === name);
  const given = new Set(parameters.map((parameter) => parameter.name));
  const defaults = (algorithm?.parameters ?? []).flatMap((parameter): RedactedValue[] =>
    given.has(parameter.name) || parameter.default === undefined
      ? []
      : [{ name: parameter.name, value: String(parameter.default), source: 'default' }],
  );
  return {
    name,
    isDefault: work.algorithm === null,
    description: algorithm?.description,
    parameters: [...parameters, ...defaults],
  };
};
