import type { BlobPath } from '../../contracts/blob-paths.ts';
import type { AzuriteServer } from './azurite-internals.ts';
import type { CreatedBlob } from './ipc-messages.ts';

/** Reports each blob that the server creates or replaces, right after it is stored. Blobs of one iteration of the event loop are reported together. */
export const reportCreatedBlobs = (
  { metadataStore }: AzuriteServer,
  report: (blobs: CreatedBlob[]) => void,
): void => {
  let pending: CreatedBlob[] = [];
  const flush = (): void => {
    report(pending);
    pending = [];
  };
  const enqueue = (blob: CreatedBlob): void => {
    if (pending.push(blob) === 1) setImmediate(flush);
  };
  for (const [operation, api] of [
    ['createBlob', 'PutBlob'],
    ['commitBlockList', 'PutBlockList'],
  ] as const) {
    const original = metadataStore[operation].bind(metadataStore);
    metadataStore[operation] = async (context, blob, ...rest) => {
      const answer = await original(context, blob, ...rest);
      const { containerName, name } = blob;
      const stored = metadataStore.db
        .getCollection('$BLOBS_COLLECTION$')
        .findOne({ name, containerName, snapshot: '' });
      const { contentLength: bytes = 0, etag } = (stored ?? blob).properties;
      enqueue({ path: `${containerName}/${name}` as BlobPath, bytes, etag, api });
      return answer;
    };
  }
};
