import * as v from 'valibot';
import type { BlobPath } from '../../contracts/blob-paths.ts';

/** What the parent asks of a service's process. */
export const FlushCommand = v.object({ kind: v.literal('flush'), id: v.number() });
export type FlushCommand = v.InferOutput<typeof FlushCommand>;

/** A blob that has just been created or replaced. */
export type CreatedBlob = {
  path: BlobPath;
  bytes: number;
  /** With its quotes, as in the ETag header. */
  etag: string;
  /** The operation that made it, in Event Grid's words. */
  api: 'PutBlob' | 'PutBlockList';
};

/** What a service's process reports. */
export const ServiceReport = v.variant('kind', [
  v.object({ kind: v.literal('ready'), port: v.number() }),
  /** It cannot listen: somebody else has the port. */
  v.object({ kind: v.literal('port-in-use') }),
  v.object({ kind: v.literal('flushed'), id: v.number() }),
  v.object({
    kind: v.literal('created'),
    blobs: v.array(v.custom<CreatedBlob>((blob) => typeof blob === 'object')),
  }),
]);
export type ServiceReport = v.InferOutput<typeof ServiceReport>;
