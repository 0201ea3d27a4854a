import { parseLockKey } from '../values/lock-key.ts';
import { parseReason } from '../values/reason.ts';
import type { CommandSpec } from './spec.ts';

export const lock: CommandSpec = {
  name: 'lock',
  usage: '/lock KEY [reason=…]',
  summary: 'takes a lock: jobs that need it wait, or are refused, until you release it',
  notes: [
    '`KEY` is a name such as `vm/web-1`; it is not case-sensitive. `/explain` shows which lock a task needs.',
    'Everything after `reason=` is the reason. Quotes around it are optional.',
    'The lock belongs to you, not to this thread; release it with `/unlock`.',
  ],
  access: 'locks',
  examples: [
    {
      command: '/lock vm/web-1 reason=maintenance',
      meaning: 'takes the lock, so that no job that needs it runs',
    },
    { command: '/lock vm/web-1 reason="new disks until noon"', meaning: 'the same, with a longer reason' },
  ],
  freeText: 'reason',
  needsCatalogue: false,
  mutates: true,
  interpret: (args) => {
    const key = parseLockKey(args);
    const reason = parseReason(args);
    return key === undefined ? undefined : { kind: 'lock', key, reason };
  },
};
