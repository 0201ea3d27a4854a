import { readKey, createKeyCheck } from '../../compute/orchestrator/auth/api-keys.ts';

/** Checks whether a request comes with the system key, in a time that tells nothing about it. */
export const createSystemKeyCheck = (systemKey: string): ((request: Request) => boolean) => {
  const isSystemKey = createKeyCheck(systemKey);
  return (request) => isSystemKey(readKey(request) ?? '');
};
