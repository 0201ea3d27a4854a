import * as v from 'valibot';
import { LockScope } from '../../formats/conditions.ts';
import { read } from '../../formats/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import type { GuardedRoute } from '../access/guard.ts';
import { lockScopeRefusal } from '../access/refusals.ts';
import { listLocks as list } from '../locks/locks.ts';
import { json, refused } from './answers.ts';

const Query = v.object({ scope: LockScope });

/** `GET /api/locks?scope=`: the locks of a scope that somebody has, and who waits for them. */
export const listLocks = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'ListLocks',
  method: 'GET',
  path: 'locks',
  needs: 'read',
  handle: async (httpRequest, _parameters, _client, caller) => {
    const query = read(Query, { scope: new URL(httpRequest.url).searchParams.get('scope') ?? undefined });
    if (!query.ok) return refused(query.problem);
    const refusal = lockScopeRefusal(caller, query.value.scope);
    if (refusal) return refusal;
    return json(200, { v: 1, locks: await Array.fromAsync(list(blobs, query.value.scope)) });
  },
});
