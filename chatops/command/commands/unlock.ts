import { parseLockKey } from '../values/lock-key.ts';
import type { CommandSpec } from './spec.ts';

export const unlock: CommandSpec = {
  name: 'unlock',
  usage: '/unlock KEY',
  summary: 'releases a lock that a person took',
  notes: ['`KEY` is the lock’s name as `/locks` shows it. Jobs release their locks when they end.'],
  access: 'locks',
  examples: [{ command: '/unlock vm/web-1', meaning: 'releases the lock' }],
  needsCatalogue: false,
  mutates: true,
  interpret: (args) => {
    args.rejectParameters();
    const key = parseLockKey(args);
    return key === undefined ? undefined : { kind: 'unlock', key };
  },
};
