import * as v from 'valibot';

/** The reports from the hosted app to its parent. */
export const HostReport = v.variant('kind', [
  v.object({ kind: v.literal('ready'), port: v.number() }),
  v.object({ kind: v.literal('port-in-use') }),
  /** Asks for all data of storage to be written to disk. */
  v.object({ kind: v.literal('flush'), id: v.number() }),
]);
export type HostReport = v.InferOutput<typeof HostReport>;

/** The parent's answer to `flush`. `restarts`: how often storage was restarted, which can lose what was not flushed. */
export const FlushedMessage = v.object({ kind: v.literal('flushed'), id: v.number(), restarts: v.number() });
export type FlushedMessage = v.InferOutput<typeof FlushedMessage>;
