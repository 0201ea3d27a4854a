import * as v from 'valibot';
import { Lock } from '../../contracts/conditions.ts';
import { taskLockScope } from '../../contracts/task-locks.ts';
import { fault, fitting, httpCall, ok, problemOf, type Answer, type HttpOptions } from './http-call.ts';
import type { Locks } from './port.ts';

const Held = v.object({ lock: Lock });
const Taken = v.object({ lock: Lock, outcome: v.picklist(['taken', 'yours']) });

/**
 * Returns whether an orchestrator of an older version refused a request with an owner: before readers could see the locks that
 * definitions name, only the platform could ask for their scope.
 */
const isOfOlderVersion = ({ status, body }: Answer, scope: string): boolean =>
  status === 403 && scope === taskLockScope && problemOf(body)?.field === 'scope';

/** The orchestrator's locks over HTTP. */
export const httpLocks = (options: HttpOptions): Locks => {
  const call = httpCall(options);
  return {
    list: async (scope, owner) => {
      const query = new URLSearchParams({ scope, ...(owner === undefined ? {} : { owner }) });
      const answer = await call('GET', `/api/locks?${query.toString()}`);
      if (owner !== undefined && isOfOlderVersion(answer, scope)) return [];
      return fitting(v.object({ locks: v.array(Lock) }), ok(answer)).locks;
    },
    take: async (lock) => {
      const answer = await call('POST', '/api/locks', lock);
      if (answer.status === 409) return { outcome: 'held', ...fitting(Held, answer.body) };
      return fitting(Taken, ok(answer));
    },
    release: async (lock) => {
      const answer = await call('POST', '/api/locks/release', lock);
      if (answer.status === 200) return { outcome: 'released' };
      if (answer.status === 404) return { outcome: 'not-locked' };
      if (answer.status === 409) return { outcome: 'held', ...fitting(Held, answer.body) };
      throw fault(answer);
    },
  };
};
