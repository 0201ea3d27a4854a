import * as v from 'valibot';

const eventType = v.literal('Microsoft.Storage.BlobCreated');

/** Event Grid's two schemas for a created blob: its own, and CloudEvents 1.0. */
const BlobCreated = v.union([
  v.object({ eventType: eventType, subject: v.string() }),
  v.object({ specversion: v.literal('1.0'), type: eventType, subject: v.string() }),
]);

/** Returns the path, `<container>/<name>`, of the created blob in an event; undefined for any other event. */
export const parseBlobCreated = (event: unknown): string | undefined => {
  const read = v.safeParse(BlobCreated, event);
  if (!read.success) return undefined;
  const found = /^\/blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/.exec(read.output.subject);
  return found ? `${found[1]}/${found[2]}` : undefined;
};
