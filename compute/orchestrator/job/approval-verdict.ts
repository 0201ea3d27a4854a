import * as v from 'valibot';
import { CallerName } from '../../../contracts/caller.ts';
import { Person } from '../../../contracts/conditions.ts';

/** What somebody says to a job that waits for approval: the data of an `Approval` event, which anybody with a system key can raise. */
export const ApprovalVerdict = v.object({
  decision: v.picklist(['approve', 'reject']),
  by: Person,
  /** The caller that names this person. */
  via: v.nullish(CallerName),
  /** Of the request that is meant. */
  code: v.string(),
  reason: v.optional(v.nullable(v.string()), null),
});
export type ApprovalVerdict = v.InferOutput<typeof ApprovalVerdict>;
