import * as v from 'valibot';
import { Lock } from '../formats/conditions.ts';
import { taskLockScope } from '../formats/task-locks.ts';
import { fault, fitting, httpCall, ok, type HttpOptions } from './http-call.ts';
import type { Locks } from './port.ts';

const Held = v.object({ lock: Lock });
const Taken = v.object({ lock: Lock, outcome: v.picklist(['taken', 'yours']) });

/** The orchestrator's locks over HTTP. */
export const httpLocks = (options: HttpOptions): Locks => {
  const call = httpCall(options);
  return {
    list: async (scope, owner) => {
      const query = new URLSearchParams({ scope, ...(owner === undefined ? {} : { owner }) });
      const answer = await call('GET', `/api/locks?${query.toString()}`);
      // Before definitions could name locks, nobody but the platform could ask for them.
      if (answer.status === 403 && scope === taskLockScope) return [];
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
