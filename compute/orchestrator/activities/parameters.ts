import * as v from 'valibot';
import type { JobId } from '../../../contracts/ids.ts';
import { parametersPath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { ActivityDependencies } from './dependencies.ts';

const Parameters = v.record(v.string(), v.unknown());
type Parameters = v.InferOutput<typeof Parameters>;

/** The part of a job that a batch or `Reduce` receives. If `parameters` is missing, they are in the job's blob. */
type Carrier = { parameters?: Parameters };

/** The same, with its parameters. */
export type WithParameters<T extends Carrier> = T & { parameters: Parameters };

/** Writes the parameters of a job whose batches do not carry them, durably. */
export const putParameters =
  ({ storage: { blobs }, flush }: ActivityDependencies) =>
  async ({ job, parameters }: { job: JobId; parameters: Parameters }): Promise<null> => {
    await blobs.put(parametersPath(job), JSON.stringify(parameters), 'application/json');
    await flush();
    return null;
  };

/** Adds the job's parameters to what does not carry them. @throws if they are missing in storage, too */
export const addParameters = async <T extends Carrier>(
  blobs: Blobs,
  job: JobId,
  carrier: T,
): Promise<WithParameters<T>> => {
  if (carrier.parameters) return { ...carrier, parameters: carrier.parameters };
  const body = await blobs.get(parametersPath(job));
  if (!body) throw new Error(`Storage has lost the parameters of ${job}`);
  return { ...carrier, parameters: v.parse(Parameters, JSON.parse(body.toString())) };
};
