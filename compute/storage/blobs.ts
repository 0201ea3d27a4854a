import type {
  BlobHTTPHeaders,
  BlobServiceClient,
  BlockBlobClient,
  BlockBlobUploadOptions,
} from '@azure/storage-blob';
import type { BlobPath } from '../../contracts/blob-paths.ts';
import { createDelete } from './deletion.ts';
import { callStorage, callStorageUnless } from './storage-error.ts';
import { createSasLinks } from './sas-links.ts';
import { createList } from './listing.ts';
import { toChunks } from './chunks.ts';
import { getContentType, splitBlobPath } from './blob-path.ts';
import type { Blobs } from './port.ts';

/** Blobs of a storage account. */
export const createBlobs = (service: BlobServiceClient): Blobs => {
  const client = (path: BlobPath): BlockBlobClient => {
    const { container, name } = splitBlobPath(path);
    return service.getContainerClient(container).getBlockBlobClient(name);
  };
  const upload = (path: BlobPath, body: string | Uint8Array, options: BlockBlobUploadOptions) =>
    client(path).upload(body, Buffer.byteLength(body), options);
  const link = createSasLinks(service);

  return {
    get: (path) => callStorageUnless([404], undefined, `get ${path}`, () => download(client(path))),
    getWithTag: (path) =>
      callStorageUnless([404], undefined, `get ${path}`, () => downloadTagged(client(path))),
    getTail: (path, most) =>
      callStorageUnless([404], undefined, `get the end of ${path}`, () => downloadTail(client(path), most)),
    put: (path, body, contentType) =>
      callStorage(`put ${path}`, async () => {
        await upload(path, body, toHeaders(path, contentType));
      }),
    putOnce: (path, body, contentType) =>
      callStorageUnless([409, 412], false, `put ${path}`, async () => {
        await upload(path, body, { ...toHeaders(path, contentType), conditions: { ifNoneMatch: '*' } });
        return true;
      }),
    putIf: (path, body, tag) =>
      callStorageUnless([404, 409, 412], false, `put ${path}`, async () => {
        const conditions = tag === null ? { ifNoneMatch: '*' } : { ifMatch: tag };
        await upload(path, body, { ...toHeaders(path), conditions });
        return true;
      }),
    putParts: (path, parts, contentType) =>
      callStorage(`put ${path}`, () => putParts(client(path), parts, toHeaders(path, contentType))),
    exists: (path) => callStorage(`look for ${path}`, () => client(path).exists()),
    list: createList(service),
    deleteIf: (path, tag) =>
      callStorageUnless([404, 412], false, `delete ${path}`, async () => {
        await client(path).delete({ conditions: { ifMatch: tag } });
        return true;
      }),
    delete: createDelete(service),
    signReadLink: (path, seconds) => link(path, 'r', seconds),
    signCreateLink: (path, seconds) => link(path, 'c', seconds),
    signAppendLink: (path, seconds) => link(path, 'ca', seconds),
  };
};

const toHeaders = (
  path: BlobPath,
  contentType = getContentType(path),
): { blobHTTPHeaders: BlobHTTPHeaders } => ({
  blobHTTPHeaders: { blobContentType: contentType },
});

/** As long as it was when it was asked for its length: what is appended in between is not part of it. */
const downloadTail = async (
  blob: BlockBlobClient,
  maxBytes: number,
): Promise<{ body: Buffer; length: number }> => {
  const { contentLength: length = 0 } = await blob.getProperties();
  const from = Math.max(0, length - maxBytes);
  // A range of nothing is an error to the service.
  const body = length === from ? Buffer.alloc(0) : await download(blob, from, length - from);
  return { body, length };
};

const download = async (blob: BlockBlobClient, from = 0, count?: number): Promise<Buffer> =>
  (await downloadTagged(blob, from, count)).body;

const downloadTagged = async (
  blob: BlockBlobClient,
  from = 0,
  count?: number,
): Promise<{ body: Buffer; tag: string }> => {
  const { readableStreamBody, etag = '' } = await blob.download(from, count, { maxRetryRequests: 5 });
  const chunks: Buffer[] = [];
  for await (const chunk of readableStreamBody as AsyncIterable<Buffer>) chunks.push(chunk);
  return { body: Buffer.concat(chunks), tag: etag };
};

const putParts = async (
  blob: BlockBlobClient,
  parts: AsyncIterable<string | Uint8Array>,
  options: { blobHTTPHeaders: BlobHTTPHeaders },
): Promise<void> => {
  const ids: string[] = [];
  for await (const piece of toChunks(parts)) {
    // All ids of one blob must have the same length.
    const id = Buffer.from(String(ids.length).padStart(8, '0')).toString('base64');
    await blob.stageBlock(id, piece, piece.length);
    ids.push(id);
  }
  await blob.commitBlockList(ids, options);
};
