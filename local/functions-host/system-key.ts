import { readKey, createKeyCheck } from '../../compute/orchestrator/auth/api-keys.ts';

/** Returns a function that checks in constant time whether a request has the system key. */
export const createSystemKeyCheck = (systemKey: string): ((request: Request) => boolean) => {
  const isSystemKey = createKeyCheck(systemKey);
  return (request) => isSystemKey(readKey(request) ?? '');
};
