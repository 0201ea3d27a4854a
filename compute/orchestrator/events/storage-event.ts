import * as v from 'valibot';

/** Event Grid's two schemas: its own, and CloudEvents 1.0, in which the subject is optional. */
const Event = v.union([
  v.pipe(
    v.object({ eventType: v.string(), subject: v.string() }),
    v.transform(({ eventType: type, subject }) => ({ type, subject })),
  ),
  v.pipe(
    v.object({ specversion: v.literal('1.0'), type: v.string(), subject: v.optional(v.string(), '') }),
    v.transform(({ type, subject }) => ({ type, subject })),
  ),
]);

/** An event from outside. `blob`: the path, `<container>/<name>`, of the blob that it reports as created; undefined for any other event. */
export type StorageEvent = { blob: string | undefined };

/** Reads a parsed event in either of Event Grid's schemas; undefined for anything else. */
export const readEvent = (value: unknown): StorageEvent | undefined => {
  const read = v.safeParse(Event, value);
  if (!read.success) return undefined;
  const { type, subject } = read.output;
  const isCreated = type === 'Microsoft.Storage.BlobCreated';
  const found = isCreated
    ? /^\/blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/.exec(subject)
    : null;
  return { blob: found ? `${found[1]}/${found[2]}` : undefined };
};
