import type {
  BlobHTTPHeaders,
  BlobServiceClient,
  BlockBlobClient,
  BlockBlobUploadOptions,
} from '@azure/storage-blob';
import type { BlobPath } from '../../contracts/blob-paths.ts';
import { deletion } from './deletion.ts';
import { attempt, unless } from './storage-error.ts';
import { links } from './sas-links.ts';
import { listing } from './listing.ts';
import { pieces } from './chunks.ts';
import { contentTypeOf, placeOf } from './blob-path.ts';
import type { Blobs } from './port.ts';

/** Blobs of a storage account. */
export const blobsOf = (service: BlobServiceClient): Blobs => {
  const client = (path: BlobPath): BlockBlobClient => {
    const { container, name } = placeOf(path);
    return service.getContainerClient(container).getBlockBlobClient(name);
  };
  const upload = (path: BlobPath, body: string | Uint8Array, options: BlockBlobUploadOptions) =>
    client(path).upload(body, Buffer.byteLength(body), options);
  const link = links(service);

  return {
    get: (path) => unless([404], undefined, `get ${path}`, () => download(client(path))),
    getTagged: (path) => unless([404], undefined, `get ${path}`, () => downloadTagged(client(path))),
    getEnd: (path, most) => unless([404], undefined, `get the end of ${path}`, () => end(client(path), most)),
    put: (path, body, contentType) =>
      attempt(`put ${path}`, async () => {
        await upload(path, body, headers(path, contentType));
      }),
    putOnce: (path, body, contentType) =>
      unless([409, 412], false, `put ${path}`, async () => {
        await upload(path, body, { ...headers(path, contentType), conditions: { ifNoneMatch: '*' } });
        return true;
      }),
    putIf: (path, body, tag) =>
      unless([404, 409, 412], false, `put ${path}`, async () => {
        const conditions = tag === null ? { ifNoneMatch: '*' } : { ifMatch: tag };
        await upload(path, body, { ...headers(path), conditions });
        return true;
      }),
    putParts: (path, parts, contentType) =>
      attempt(`put ${path}`, () => putParts(client(path), parts, headers(path, contentType))),
    exists: (path) => attempt(`look for ${path}`, () => client(path).exists()),
    list: listing(service),
    deleteIf: (path, tag) =>
      unless([404, 412], false, `delete ${path}`, async () => {
        await client(path).delete({ conditions: { ifMatch: tag } });
        return true;
      }),
    delete: deletion(service),
    readLink: (path, seconds) => link(path, 'r', seconds),
    createLink: (path, seconds) => link(path, 'c', seconds),
    appendLink: (path, seconds) => link(path, 'ca', seconds),
  };
};

const headers = (
  path: BlobPath,
  contentType = contentTypeOf(path),
): { blobHTTPHeaders: BlobHTTPHeaders } => ({
  blobHTTPHeaders: { blobContentType: contentType },
});

/** As long as it was when it was asked for its length: what is appended in between is not part of it. */
const end = async (blob: BlockBlobClient, most: number): Promise<{ body: Buffer; length: number }> => {
  const { contentLength: length = 0 } = await blob.getProperties();
  const from = Math.max(0, length - most);
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
  for await (const piece of pieces(parts)) {
    // All ids of one blob must have the same length.
    const id = Buffer.from(String(ids.length).padStart(8, '0')).toString('base64');
    await blob.stageBlock(id, piece, piece.length);
    ids.push(id);
  }
  await blob.commitBlockList(ids, options);
};
