import { LRUCache } from 'lru-cache';
import { sourcePath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import { UploadedInputs } from './source.ts';

/** Returns uploaded inputs by the sha256 of their bytes; undefined if there are none. */
export type InputSources = (sha256: string) => Promise<UploadedInputs | undefined>;

/** The maximum size of the cache: all batches of a job read the same inputs. */
const maxCachedBytes = 64 * 1024 * 1024;

/** Opens the uploaded inputs, with a cache. A read throws if the stored bytes do not have the sha256 in their name. */
export const openInputSources = (blobs: Blobs): InputSources => {
  const cache = new LRUCache<string, UploadedInputs>({
    maxSize: maxCachedBytes,
    sizeCalculation: ({ size }) => size,
    fetchMethod: async (sha256) => {
      const body = await blobs.get(sourcePath(sha256));
      if (!body) return undefined;
      const source = new UploadedInputs(body);
      if (source.sha256 !== sha256) throw new Error(`The uploaded inputs ${sha256} have changed in storage`);
      return source;
    },
  });
  return (sha256) => cache.fetch(sha256);
};
