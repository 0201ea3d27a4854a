import { parseSourcePath, sourcePrefix } from '../../../contracts/blob-paths.ts';
import type { Blobs, ListedBlob } from '../../storage/port.ts';
import type { Chore, DurableClient } from '../durable.ts';
import { listInstances } from '../job/instances.ts';
import { parseJobInstance } from '../job/job-instance.ts';

/** Removes inputs that were last uploaded before the retention, unless an existing job uses them. */
export const removeUnusedInputs = (options: { blobs: Blobs; retentionDays: number }): Chore => ({
  name: 'remove-unused-inputs',
  everySeconds: 3_600,
  run: async (client) => {
    const old = await listUploadedBefore(options.blobs, Date.now() - options.retentionDays * 86_400_000);
    if (old.size === 0) return;
    for (const sha256 of await listUsedInputs(client)) old.delete(sha256);
    // Unless it was uploaded again meanwhile, for a new job.
    for (const { path, tag } of old.values()) await options.blobs.deleteIf(path, tag);
  },
});

const listUploadedBefore = async (blobs: Blobs, time: number): Promise<Map<string, ListedBlob>> => {
  const found = new Map<string, ListedBlob>();
  for await (const blob of blobs.list(sourcePrefix)) {
    const sha256 = parseSourcePath(blob.path);
    if (sha256 !== undefined && blob.modified.getTime() < time) found.set(sha256, blob);
  }
  return found;
};

/** Returns the uploaded inputs of all existing jobs, including ended ones, because they can be retried. */
const listUsedInputs = async (client: DurableClient): Promise<Set<string>> => {
  const found = new Set<string>();
  for await (const status of listInstances(client, { prefix: 'job-' })) {
    const input = parseJobInstance(status)?.input;
    if (input?.kind === 'compute' && input.request.inputs) found.add(input.request.inputs.sha256);
  }
  return found;
};
