import * as v from 'valibot';

const message = 'expected 1 to 200 visible characters';
const visible = v.pipe(v.string(message), v.regex(/^[\x21-\x7e]{1,200}$/, message));

/** The longest time for which a lease is taken at once, in seconds: a week. */
export const longestLease = 7 * 86_400;

/** A name of which at most one holder has the lease at a time, and who asks. Both are the callers' choice. */
export const LeaseClaim = v.object({ name: visible, holder: visible });
export type LeaseClaim = v.InferOutput<typeof LeaseClaim>;

/** A lease as it is kept: until then it is its holder's, by the orchestrator's clock (ISO 8601). */
export const Lease = v.object({ v: v.literal(1), ...LeaseClaim.entries, until: v.string() });
export type Lease = v.InferOutput<typeof Lease>;
