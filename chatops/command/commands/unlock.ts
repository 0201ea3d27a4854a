import { readLockKey } from '../values/lock-key.ts';
import type { Spec } from './spec.ts';

export const unlock: Spec = {
  name: 'unlock',
  usage: '/unlock KEY',
  summary: 'releases a lock that a person took',
  notes: ['`KEY` is the lock’s name as `/locks` shows it. Jobs release their locks when they end.'],
  right: 'locks',
  examples: [{ command: '/unlock vm/web-1', meaning: 'releases that lock' }],
  needsCatalogue: false,
  interpret: (given) => {
    given.noParameters();
    const key = readLockKey(given);
    return key === undefined ? undefined : { kind: 'unlock', key };
  },
};
