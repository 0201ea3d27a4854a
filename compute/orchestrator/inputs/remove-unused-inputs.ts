import { sha256OfSource, sourcePrefix } from '../../../contracts/blob-paths.ts';
import type { Blobs, Listed } from '../../storage/port.ts';
import type { DurableClient, TimerFunction } from '../durable.ts';
import { allInstances } from '../job/instances.ts';
import { jobInstance } from '../job/job-instance.ts';

/** Removes uploaded inputs that were uploaded last before the retention, and that no job uses which is still kept. */
export const removeSources = (options: { blobs: Blobs; retentionDays: number }): TimerFunction => ({
  name: 'RemoveSources',
  everySeconds: 3_600,
  handle: async (client) => {
    const old = await uploadedBefore(options.blobs, Date.now() - options.retentionDays * 86_400_000);
    if (old.size === 0) return;
    for (const sha256 of await used(client)) old.delete(sha256);
    // Unless it was uploaded again meanwhile, by somebody who is about to use it.
    for (const { path, tag } of old.values()) await options.blobs.deleteIf(path, tag);
  },
});

const uploadedBefore = async (blobs: Blobs, time: number): Promise<Map<string, Listed>> => {
  const found = new Map<string, Listed>();
  for await (const blob of blobs.list(sourcePrefix)) {
    const sha256 = sha256OfSource(blob.path);
    if (sha256 !== undefined && blob.modified.getTime() < time) found.set(sha256, blob);
  }
  return found;
};

/** The uploaded inputs of all jobs that there are, ended ones included: they may be run again. */
const used = async (client: DurableClient): Promise<Set<string>> => {
  const found = new Set<string>();
  for await (const status of allInstances(client, { prefix: 'job-' })) {
    const input = jobInstance(status)?.input;
    if (input?.kind === 'compute' && input.request.inputs) found.add(input.request.inputs.sha256);
  }
  return found;
};
