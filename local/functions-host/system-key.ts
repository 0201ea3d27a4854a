import { givenKey, isKey } from '../../compute/orchestrator/auth/api-keys.ts';

/** Checks whether a request comes with the system key, in a time that tells nothing about it. */
export const keyCheck = (systemKey: string): ((request: Request) => boolean) => {
  const isSystemKey = isKey(systemKey);
  return (request) => isSystemKey(givenKey(request) ?? '');
};
