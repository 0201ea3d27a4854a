import * as v from 'valibot';

/** As long as a value of a command may be: who writes one in a comment must not be refused here. */
const maxReasonLength = 1_024;
const reasonMessage = `expected a reason of at most ${maxReasonLength} characters`;

/** Why somebody does something, in their own words. */
export const Reason = v.optional(
  v.nullable(v.pipe(v.string(reasonMessage), v.maxLength(maxReasonLength, reasonMessage))),
  null,
);
