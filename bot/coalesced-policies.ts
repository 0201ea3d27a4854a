import type { LoadedPolicy, PolicyLoader } from '../chatops/github/ports.ts';

type PolicyRead = { current: Promise<LoadedPolicy>; next?: Promise<LoadedPolicy> };

/**
 * Wraps policies so that fewer calls read them: requests that arrive while a repository's policy is being read share the next read.
 * No request gets a policy that was read before the request.
 */
export const coalescePolicyReads = (policies: PolicyLoader): PolicyLoader => {
  const readings = new Map<string, PolicyRead>();
  const read: PolicyLoader['load'] = async (repository) => {
    const key = `${repository.id} ${repository.name}`;
    const reading: PolicyRead = { current: policies.load(repository) };
    readings.set(key, reading);
    try {
      return await reading.current;
    } finally {
      if (readings.get(key) === reading) readings.delete(key);
    }
  };
  return {
    load: (repository) => {
      const reading = readings.get(`${repository.id} ${repository.name}`);
      if (!reading) return read(repository);
      reading.next ??= reading.current.then(
        () => read(repository),
        () => read(repository),
      );
      return reading.next;
    },
  };
};
