import { randomUUID } from 'node:crypto';
import type { BlobPath } from '../../contracts/blob-paths.ts';

/** A blob that was created or replaced. `etag`: with its quotes, as in the header; `api`: the operation. */
export type CreatedBlobInfo = {
  path: BlobPath;
  bytes: number;
  etag: string;
  api?: 'PutBlob' | 'PutBlockList';
};

/**
 * A `Microsoft.Storage.BlobCreated` event in Event Grid's own schema
 * (https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage).
 */
export type BlobCreatedEvent = {
  topic: string;
  subject: string;
  eventType: 'Microsoft.Storage.BlobCreated';
  eventTime: string;
  id: string;
  data: {
    api: 'PutBlob' | 'PutBlockList';
    clientRequestId: string;
    requestId: string;
    eTag: string;
    contentType: string;
    contentLength: number;
    blobType: 'BlockBlob';
    url: string;
    /** Orders the events of one blob, when compared as text. */
    sequencer: string;
  };
  dataVersion: '';
  metadataVersion: '1';
};

/** Builds the event of a created blob, as Event Grid sends it for a storage account with this name. */
export const buildBlobCreatedEvent = (
  account: string,
  { path, bytes, etag, api = 'PutBlob' }: CreatedBlobInfo,
  sequence: number,
): BlobCreatedEvent => {
  const slash = path.indexOf('/');
  const [container, name] = [path.slice(0, slash), path.slice(slash + 1)];
  return {
    topic: `/subscriptions/local/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/${account}`,
    subject: `/blobServices/default/containers/${container}/blobs/${name}`,
    eventType: 'Microsoft.Storage.BlobCreated',
    eventTime: new Date().toISOString(),
    id: randomUUID(),
    data: {
      api,
      clientRequestId: randomUUID(),
      requestId: randomUUID(),
      // In events, the ETag has no quotes.
      eTag: etag.replaceAll('"', ''),
      contentType: 'application/json',
      contentLength: bytes,
      blobType: 'BlockBlob',
      url: `https://${account}.blob.core.windows.net/${path}`,
      sequencer: sequence.toString(16).padStart(48, '0'),
    },
    dataVersion: '',
    metadataVersion: '1',
  };
};
