import * as v from 'valibot';
import { Lock } from '../../contracts/conditions.ts';
import { taskLockScope } from '../../contracts/task-locks.ts';
import {
  toOrchestratorError,
  parseAnswer,
  createHttpCall,
  requireOk,
  getProblem,
  type HttpAnswer,
  type HttpOptions,
} from './http-call.ts';
import type { Locks } from './port.ts';

const HeldLock = v.object({ lock: Lock });
const EndedLocks = v.object({ released: v.array(v.string()) });
const TakenLock = v.object({ lock: Lock, outcome: v.picklist(['taken', 'yours']) });

/**
 * Returns whether an orchestrator of an older version refused a request with an owner: before readers could see the locks that
 * definitions name, only the platform could ask for their scope.
 */
const isOfOlderVersion = ({ status, body }: HttpAnswer, scope: string): boolean =>
  status === 403 && scope === taskLockScope && getProblem(body)?.field === 'scope';

/** Creates a client for the orchestrator's locks over HTTP. */
export const createHttpLocks = (options: HttpOptions): Locks => {
  const call = createHttpCall(options);
  return {
    list: async (scope, owner) => {
      const query = new URLSearchParams({ scope, ...(owner === undefined ? {} : { owner }) });
      const answer = await call('GET', `/api/locks?${query.toString()}`);
      if (owner !== undefined && isOfOlderVersion(answer, scope)) return [];
      return parseAnswer(v.object({ locks: v.array(Lock) }), requireOk(answer)).locks;
    },
    take: async (lock) => {
      const answer = await call('POST', '/api/locks', lock);
      if (answer.status === 409) return { outcome: 'held', ...parseAnswer(HeldLock, answer.body) };
      return parseAnswer(TakenLock, requireOk(answer));
    },
    release: async (lock) => {
      const answer = await call('POST', '/api/locks/release', lock);
      if (answer.status === 200) return { outcome: 'released' };
      if (answer.status === 404) return { outcome: 'not-locked' };
      if (answer.status === 409) return { outcome: 'held', ...parseAnswer(HeldLock, answer.body) };
      throw toOrchestratorError(answer);
    },
    endWithThread: async (end) => {
      const answer = await call('POST', '/api/locks/end', end);
      // An older version has no such route, and some callers cannot release locks.
      return answer.status === 404 || answer.status === 403
        ? []
        : parseAnswer(EndedLocks, requireOk(answer)).released;
    },
  };
};
