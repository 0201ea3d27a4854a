import { LRUCache } from 'lru-cache';
import { sourcePath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import { UploadedInputs } from './source.ts';

/** Uploaded inputs, by the sha256 of their bytes; undefined if there are none (any more). */
export type InputSources = (sha256: string) => Promise<UploadedInputs | undefined>;

/** Bytes of sources that are kept at hand: all batches of a job read the same one. */
const maxCachedBytes = 64 * 1024 * 1024;

/** Reads uploaded inputs, those of late from memory. @throws if what is stored is not what its name says */
export const openInputSources = (blobs: Blobs): InputSources => {
  const cache = new LRUCache<string, UploadedInputs>({
    maxSize: maxCachedBytes,
    sizeCalculation: ({ size }) => size,
    fetchMethod: async (sha256) => {
      const body = await blobs.get(sourcePath(sha256));
      if (!body) return undefined;
      const source = new UploadedInputs(body);
      if (source.sha256 !== sha256) throw new Error(`The uploaded inputs ${sha256} are not what they were`);
      return source;
    },
  });
  return (sha256) => cache.fetch(sha256);
};
