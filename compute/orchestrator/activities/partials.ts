import type { JobId } from '../../../contracts/ids.ts';
import { parseExactJson } from '../../../contracts/exact-json.ts';
import { manifestPath, outputsPath, partialOutputsPath, partialPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import { BatchPartial } from '../../../contracts/compute-result.ts';
import type { Blobs } from '../../storage/port.ts';

/** Returns a batch's partial; undefined if it or its part of the outputs is missing or invalid. */
export const readPartial = async (
  blobs: Blobs,
  job: JobId,
  batch: number,
): Promise<BatchPartial | undefined> => {
  const [body, outputs] = await Promise.all([
    blobs.get(partialPath(job, batch)),
    blobs.exists(partialOutputsPath(job, batch)),
  ]);
  if (!body || !outputs) return undefined;
  const read = parseJson(BatchPartial, body.toString(), 'invalid-json', parseExactJson);
  return read.ok ? read.value : undefined;
};

/** Writes a job's manifest and outputs from the partials of these batches, in their order. @throws if a partial is missing */
export const joinOutputs = async (blobs: Blobs, job: JobId, batches: readonly number[]): Promise<void> => {
  await blobs.putParts(manifestPath(job), streamManifest(blobs, job, batches), 'application/x-ndjson');
  await blobs.putParts(outputsPath(job), streamOutputs(blobs, job, batches), 'application/x-ndjson');
};

/** Yields the lines of `manifest.jsonl`, batch by batch. @throws if a partial is missing */
async function* streamManifest(blobs: Blobs, job: JobId, batches: Iterable<number>): AsyncGenerator<string> {
  for (const batch of batches) {
    const partial = await readPartial(blobs, job, batch);
    if (!partial) throw new Error(`The partial of batch ${batch} is missing`);
    yield partial.manifest.map((line) => `${JSON.stringify(line)}\n`).join('');
  }
}

/** Yields the lines of `outputs.jsonl`, batch by batch. @throws if the part of a batch is missing */
async function* streamOutputs(
  blobs: Blobs,
  job: JobId,
  batches: Iterable<number>,
): AsyncGenerator<Uint8Array> {
  for (const batch of batches) {
    const part = await blobs.get(partialOutputsPath(job, batch));
    if (!part) throw new Error(`The outputs of batch ${batch} are missing`);
    yield part;
  }
}
