import { toOrchestratorError, createHttpCall, requireOk, type HttpOptions } from './http-call.ts';
import type { Leases } from './port.ts';

/** Creates a client for the orchestrator's leases over HTTP. */
export const createHttpLeases = (options: HttpOptions): Leases => {
  const call = createHttpCall(options);
  return {
    take: async (name, holder, seconds, options) => {
      const answer = await call('POST', '/api/leases', { name, holder, seconds, ...options });
      if (answer.status === 200) return true;
      if (answer.status === 409) return false;
      throw toOrchestratorError(answer);
    },
    release: async (name, holder) => {
      requireOk(await call('POST', '/api/leases/release', { name, holder }));
    },
  };
};
