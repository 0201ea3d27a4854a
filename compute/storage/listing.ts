import type { BlobServiceClient } from '@azure/storage-blob';
import type { BlobPath } from '../../contracts/blob-paths.ts';
import { callStorage } from './storage-error.ts';
import { splitBlobPath } from './blob-path.ts';
import type { Blobs, ListedBlob } from './port.ts';

/** Blobs a page of a whole listing (the service's own bound), and of a range, which is a batch of at most 100 blocks. */
const pageSize = { all: 5_000, range: 128 };

/** Lists blobs by prefix, page by page, in the order of their names. */
export const createList = (service: BlobServiceClient): Blobs['list'] =>
  async function* list(prefix, range = {}): AsyncGenerator<ListedBlob> {
    const { container, name } = splitBlobPath(prefix);
    const pages = service
      .getContainerClient(container)
      .listBlobsFlat({ prefix: name, ...(range.from ? { startFrom: splitBlobPath(range.from).name } : {}) })
      .byPage({ maxPageSize: range.to ? pageSize.range : pageSize.all });
    for (;;) {
      const page = await callStorage(`list ${prefix}`, () => pages.next());
      if (page.done) return;
      for (const item of page.value.segment.blobItems) {
        const path = `${container}/${item.name}` as BlobPath;
        if (range.to && path > range.to) return;
        const { contentLength = 0, lastModified, etag } = item.properties;
        yield { path, bytes: contentLength, modified: lastModified, tag: quoteTag(etag) };
      }
    }
  };

/** As in a header: Azure's listings leave out the quotation marks. */
const quoteTag = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);
