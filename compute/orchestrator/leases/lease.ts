import * as v from 'valibot';

const nameMessage = 'expected 1 to 200 visible characters';
const visibleText = v.pipe(v.string(nameMessage), v.regex(/^[\x21-\x7e]{1,200}$/, nameMessage));

/** The maximum time for which a lease can be taken at once, in seconds: a week. */
export const maxLeaseSeconds = 7 * 86_400;

/** The name of a lease, which at most one holder has at a time, and the holder that requests it. The callers choose both. */
export const LeaseClaim = v.object({ name: visibleText, holder: visibleText });
export type LeaseClaim = v.InferOutput<typeof LeaseClaim>;

/** A request for a lease. `overGuests`: whether it can be taken over from a guest without `"entry": true` before it expires. */
export type LeaseRequest = LeaseClaim & { seconds: number; byGuest?: boolean; overGuests?: boolean };

/**
 * A stored lease. It belongs to its holder until the time `until` of the orchestrator's clock (ISO 8601). `byGuest`: a guest without
 * `"entry": true` took it.
 */
export const Lease = v.object({
  v: v.literal(1),
  ...LeaseClaim.entries,
  until: v.string(),
  byGuest: v.optional(v.boolean()),
});
export type Lease = v.InferOutput<typeof Lease>;
