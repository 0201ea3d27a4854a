import type { LoadedPolicy, Policies } from '../chatops/github/ports.ts';

type Reading = { present: Promise<LoadedPolicy>; next?: Promise<LoadedPolicy> };

/**
 * Wraps policies so that fewer calls read them: requests that arrive while a repository's policy is being read share the next read.
 * No request gets a policy that was read before the request.
 */
export const joinedPolicies = (policies: Policies): Policies => {
  const readings = new Map<string, Reading>();
  const read: Policies['of'] = async (repository) => {
    const key = `${repository.id} ${repository.name}`;
    const reading: Reading = { present: policies.of(repository) };
    readings.set(key, reading);
    try {
      return await reading.present;
    } finally {
      if (readings.get(key) === reading) readings.delete(key);
    }
  };
  return {
    of: (repository) => {
      const reading = readings.get(`${repository.id} ${repository.name}`);
      if (!reading) return read(repository);
      reading.next ??= reading.present.then(
        () => read(repository),
        () => read(repository),
      );
      return reading.next;
    },
  };
};
