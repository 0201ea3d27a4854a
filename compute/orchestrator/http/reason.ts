import * as v from 'valibot';

const message = 'expected a reason of at most 500 characters';

/** Why somebody does something, in their own words. */
export const Reason = v.optional(v.nullable(v.pipe(v.string(message), v.maxLength(500, message))), null);
