import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import { mayAnswerComments, type Caller } from './caller.ts';

/**
 * Returns the group of callers that share a lease; undefined if all callers share it. All bots share theirs, and all entries share
 * the claims of comments. A guest has its own leases of replies and steps, so that no other key can block it. All workflows of a
 * repository that can answer comments write replies under one name, so they share those.
 */
export const getLeaseSpace = (caller: Caller, name: string): string | undefined => {
  if (caller.kind === 'platform') return undefined;
  const isReply = name.startsWith('reply/');
  if (!isReply && !v.is(JobId, name.split('/').at(-1))) return undefined;
  const { kind, name: callerName } = caller.shown;
  return isReply && kind === 'workflow' && mayAnswerComments(caller) ? kind : `${kind} ${callerName}`;
};
