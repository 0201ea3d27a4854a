import type {
  BlobHTTPHeaders,
  BlobServiceClient,
  BlockBlobClient,
  BlockBlobUploadOptions,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { splitBlobPath, type BlobPath } from '../../contracts/blob-paths.ts';
import type { BlobRange, Blobs, ListedBlob } from './port.ts';
import { createSasLinks } from './sas-links.ts';
import { callStorage, callStorageUnless, StorageError } from './storage-error.ts';

/** Returns the blobs of a storage account. */
export const createBlobs = (service: BlobServiceClient): Blobs => {
  const client = (path: BlobPath) => getClient(service, path);
  const upload = (path: BlobPath, body: string | Uint8Array, options: BlockBlobUploadOptions) =>
    client(path).upload(body, Buffer.byteLength(body), options);
  const sign = createSasLinks(service);

  return {
    get: (path) => callStorageUnless([404], undefined, `get ${path}`, () => download(client(path))),
    getWithTag: (path) =>
      callStorageUnless([404], undefined, `get ${path}`, () => downloadWithTag(client(path))),
    getTail: (path, maxBytes) =>
      callStorageUnless([404], undefined, `get the end of ${path}`, () =>
        downloadRange(client(path), (length) => length - maxBytes, maxBytes),
      ),
    getLength: (path) =>
      callStorageUnless([404], undefined, `get the length of ${path}`, () => getLength(client(path))),
    getModified: (path) =>
      callStorageUnless(
        [404],
        undefined,
        `get the time of ${path}`,
        async () => (await client(path).getProperties()).lastModified,
      ),
    getRange: (path, from, maxBytes) =>
      callStorageUnless([404], undefined, `get a range of ${path}`, () =>
        downloadRange(client(path), () => from, maxBytes),
      ),
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
    putParts: (path, parts, contentType) => putParts(service, path, parts, contentType),
    exists: (path) => callStorage(`look for ${path}`, () => client(path).exists()),
    list: (prefix, range) => list(service, prefix, range),
    deleteIf: (path, tag) =>
      callStorageUnless([404, 412], false, `delete ${path}`, async () => {
        await client(path).delete({ conditions: { ifMatch: tag } });
        return true;
      }),
    delete: (paths) => deleteAll(service, paths),
    signReadLink: (path, seconds, response) => sign(path, 'r', seconds, response),
    signCreateLink: (path, seconds) => sign(path, 'c', seconds),
    signAppendLink: (path, seconds) => sign(path, 'ca', seconds),
  };
};

const getClient = (service: BlobServiceClient, path: BlobPath): BlockBlobClient => {
  const { container, name } = splitBlobPath(path);
  return service.getContainerClient(container).getBlockBlobClient(name);
};

const contentTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  jsonl: 'application/x-ndjson',
};

/** Returns the content type of a blob by the extension of its name; plain text for all others. */
const getContentType = (path: BlobPath): string =>
  contentTypes[/\.([a-z]+)$/.exec(path)?.[1] ?? ''] ?? 'text/plain; charset=utf-8';

const toHeaders = (
  path: BlobPath,
  contentType = getContentType(path),
): { blobHTTPHeaders: BlobHTTPHeaders } => ({
  blobHTTPHeaders: { blobContentType: contentType },
});

const getLength = async (blob: BlockBlobClient): Promise<number> =>
  (await blob.getProperties()).contentLength ?? 0;

/** Downloads a range of a blob that can grow, up to its length at the start of the call. @param getStart gets this length */
const downloadRange = async (
  blob: BlockBlobClient,
  getStart: (length: number) => number,
  maxBytes: number,
): Promise<BlobRange> => {
  const length = await getLength(blob);
  const from = Math.max(0, getStart(length));
  // The service refuses an empty range.
  const body =
    from >= length ? Buffer.alloc(0) : await download(blob, from, Math.min(maxBytes, length - from));
  return { body, length };
};

const download = async (blob: BlockBlobClient, from = 0, count?: number): Promise<Buffer> =>
  (await downloadWithTag(blob, from, count)).body;

const downloadWithTag = async (
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
  service: BlobServiceClient,
  path: BlobPath,
  parts: AsyncIterable<string | Uint8Array>,
  contentType?: string,
): Promise<void> => {
  const blob = getClient(service, path);
  const ids: string[] = [];
  for await (const chunk of toChunks(parts)) {
    // All ids of one blob must have the same length.
    const id = Buffer.from(String(ids.length).padStart(8, '0')).toString('base64');
    await callStorage(`put ${path}`, () => blob.stageBlock(id, chunk, chunk.length));
    ids.push(id);
  }
  await callStorage(`put ${path}`, () => blob.commitBlockList(ids, toHeaders(path, contentType)));
};

/** The minimum size of a staged block, except the last one. */
const minChunkBytes = 4 * 1024 * 1024;

/** Joins parts, in order, to chunks of about 4 MiB. */
async function* toChunks(parts: AsyncIterable<string | Uint8Array>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for await (const part of parts) {
    const buffer =
      typeof part === 'string'
        ? Buffer.from(part)
        : Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    pending.push(buffer);
    bytes += buffer.length;
    if (bytes < minChunkBytes) continue;
    yield Buffer.concat(pending);
    pending = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pending);
}

/** The number of blobs per page of a whole listing (the service's maximum), and of a range, which is a batch of at most 100 blocks. */
const pageSize = { all: 5_000, range: 128 };

async function* list(
  service: BlobServiceClient,
  prefix: BlobPath,
  range: { from?: BlobPath; to?: BlobPath } = {},
): AsyncGenerator<ListedBlob> {
  const { container, name } = splitBlobPath(prefix);
  const options = { prefix: name, ...(range.from && { startFrom: splitBlobPath(range.from).name }) };
  const maxPageSize = range.to ? pageSize.range : pageSize.all;
  // An iterator of the SDK cannot be used again after an error, so each page has its own.
  const getPage = (continuationToken: string | undefined) =>
    service
      .getContainerClient(container)
      .listBlobsFlat(options)
      .byPage({ maxPageSize, ...(continuationToken && { continuationToken }) })
      .next();
  for (let continuationToken: string | undefined; ;) {
    const page = await callStorage(`list ${prefix}`, () => getPage(continuationToken));
    if (page.done) return;
    for (const item of page.value.segment.blobItems) {
      const path = `${container}/${item.name}` as BlobPath;
      if (range.to && path > range.to) return;
      const { contentLength = 0, lastModified, etag } = item.properties;
      yield { path, bytes: contentLength, modified: lastModified, tag: quoteTag(etag) };
    }
    continuationToken = page.value.continuationToken;
    if (!continuationToken) return;
  }
}

/** Returns an ETag as in a header: Azure's listings omit the quotation marks. */
const quoteTag = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);

/** The maximum number of operations in a blob batch, a limit of the service. */
const batchSize = 256;

const deleteAll = async (service: BlobServiceClient, paths: readonly BlobPath[]): Promise<void> => {
  const [path] = paths;
  if (path !== undefined && paths.length === 1) {
    await callStorage(`delete ${path}`, () => getClient(service, path).deleteIfExists());
    return;
  }
  for (let at = 0; at < paths.length; at += batchSize)
    await deleteBatch(service, paths.slice(at, at + batchSize));
};

/** Deletes blobs in one request. Blobs that do not exist are no error. */
const deleteBatch = async (service: BlobServiceClient, paths: readonly BlobPath[]): Promise<void> => {
  const what = `delete ${paths.length} blobs from ${paths[0]} on`;
  const urls = paths.map((path) => getClient(service, path).url);
  const credential = service.credential as StorageSharedKeyCredential;
  const { subResponses } = await callStorage(what, () =>
    service.getBlobBatchClient().deleteBlobs(urls, credential),
  );
  const failed = subResponses.find(({ status }) => status !== 202 && status !== 404);
  if (failed) throw new StorageError(what, failed.status, failed.errorCode ?? failed.statusMessage);
};
