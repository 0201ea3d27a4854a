import type { JobId } from '../../../contracts/ids.ts';
import { parseExactJson } from '../../../contracts/exact-json.ts';
import { partialOutputsPath, partialPath } from '../../../contracts/blob-paths.ts';
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

/** Yields the lines of `manifest.jsonl`, batch by batch. @throws if a partial is missing */
export async function* streamManifest(blobs: Blobs, job: JobId, batches: number): AsyncGenerator<string> {
  for (let batch = 0; batch < batches; batch += 1) {
    const partial = await readPartial(blobs, job, batch);
    if (!partial) throw new Error(`The partial of batch ${batch} is missing`);
    yield partial.manifest.map((line) => `${JSON.stringify(line)}\n`).join('');
  }
}

/** Yields the lines of `outputs.jsonl`, batch by batch. @throws if the part of a batch is missing */
export async function* streamOutputs(blobs: Blobs, job: JobId, batches: number): AsyncGenerator<Uint8Array> {
  for (let batch = 0; batch < batches; batch += 1) {
    const part = await blobs.get(partialOutputsPath(job, batch));
    if (!part) throw new Error(`The outputs of batch ${batch} are missing`);
    yield part;
  }
}
