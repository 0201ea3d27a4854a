import type { BlobPath } from '../../contracts/blob-paths.ts';

/** A path's two parts: the container, and the blob's name in it (or the beginning of one, for a prefix). */
export const splitBlobPath = (path: BlobPath): { container: string; name: string } => {
  const slash = path.indexOf('/');
  return { container: path.slice(0, slash), name: path.slice(slash + 1) };
};

const contentTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  jsonl: 'application/x-ndjson',
};

/** The content type of a blob, by the ending of its name; plain text for all others. */
export const getContentType = (path: BlobPath): string =>
  contentTypes[/\.([a-z]+)$/.exec(path)?.[1] ?? ''] ?? 'text/plain; charset=utf-8';
