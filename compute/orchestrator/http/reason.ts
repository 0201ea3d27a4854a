import * as v from 'valibot';

/** The maximum length of a command's value, so that a reason in a comment is always accepted here. */
const maxReasonLength = 1_024;
const reasonMessage = `expected a reason of at most ${maxReasonLength} characters`;

/** The reason that a person states. */
export const Reason = v.optional(
  v.nullable(v.pipe(v.string(reasonMessage), v.maxLength(maxReasonLength, reasonMessage))),
  null,
);
