import * as v from 'valibot';
import type { BlobPath } from '../../contracts/blob-paths.ts';

/** The command from the parent to the process of a service. */
export const FlushCommand = v.object({ kind: v.literal('flush'), id: v.number() });
export type FlushCommand = v.InferOutput<typeof FlushCommand>;

/** A blob that has just been created or replaced. */
export type CreatedBlob = {
  path: BlobPath;
  bytes: number;
  /** With its quotes, as in the ETag header. */
  etag: string;
  /** The operation that created it, in Event Grid's terms. */
  api: 'PutBlob' | 'PutBlockList';
};

/** The reports from the process of a service. */
export const ServiceReport = v.variant('kind', [
  v.object({ kind: v.literal('ready'), port: v.number() }),
  /** The port is in use. */
  v.object({ kind: v.literal('port-in-use') }),
  v.object({ kind: v.literal('flushed'), id: v.number() }),
  v.object({
    kind: v.literal('created'),
    blobs: v.array(v.custom<CreatedBlob>((blob) => typeof blob === 'object')),
  }),
]);
export type ServiceReport = v.InferOutput<typeof ServiceReport>;
