import type { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { BlobPath } from '../../contracts/blob-paths.ts';
import { callStorage, StorageError } from './storage-error.ts';
import { splitBlobPath } from './blob-path.ts';
import type { Blobs } from './port.ts';

/** Operations of one blob batch request, the service's own bound. */
const batchSize = 256;

/** Removes blobs, up to 256 a request; one that is not there is fine. */
export const createDelete = (service: BlobServiceClient): Blobs['delete'] => {
  const blob = (path: BlobPath) => {
    const { container, name } = splitBlobPath(path);
    return service.getContainerClient(container).getBlobClient(name);
  };
  const deleteOne = (path: BlobPath) =>
    callStorage(`delete ${path}`, async () => {
      await blob(path).deleteIfExists();
    });
  const deleteMany = async (paths: readonly BlobPath[]): Promise<void> => {
    const what = `delete ${paths.length} blobs from ${paths[0]} on`;
    const urls = paths.map((path) => blob(path).url);
    const credential = service.credential as StorageSharedKeyCredential;
    const { subResponses } = await callStorage(what, () =>
      service.getBlobBatchClient().deleteBlobs(urls, credential),
    );
    const failed = subResponses.find(({ status }) => status !== 202 && status !== 404);
    if (failed) throw new StorageError(what, failed.status, failed.errorCode ?? failed.statusMessage);
  };
  return async (paths) => {
    if (paths.length === 1) return deleteOne(paths[0] as BlobPath);
    for (let at = 0; at < paths.length; at += batchSize) await deleteMany(paths.slice(at, at + batchSize));
  };
};
