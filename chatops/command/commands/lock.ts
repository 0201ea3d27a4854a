import { parseLockKey } from '../values/lock-key.ts';
import { parseLockEnd } from '../values/lock-end.ts';
import { parseReason } from '../values/reason.ts';
import type { CommandSpec } from './spec.ts';

export const lock: CommandSpec = {
  name: 'lock',
  usage: '/lock KEY [for=…] [until=…] [reason=…]',
  summary: 'takes a lock: jobs that need it wait, or are refused, until you release it',
  notes: [
    '`KEY` is a name such as `vm/web-1`; it is not case-sensitive. `/explain` shows which lock a task needs.',
    'Everything after `reason=` is the reason, so write it last. Quotes around it are optional.',
    '`for` ends the lock after a time such as `90s`, `10m`, `2h` or `7d`; `until=closed` ends it when this issue or pull request is closed. With both, it ends at whichever comes first. Reopening the thread does not take the lock again.',
    'Without them, the policy’s default applies, if there is one; with `until=released`, only `/unlock` ends the lock. If you already hold the lock, they change when it ends.',
    'The lock belongs to you, not to this thread; release it with `/unlock`.',
  ],
  access: 'locks',
  examples: [
    {
      command: '/lock vm/web-1 reason=maintenance',
      meaning: 'takes the lock, so that no job that needs it runs',
    },
    { command: '/lock vm/web-1 reason="new disks until noon"', meaning: 'the same, with a longer reason' },
    { command: '/lock vm/web-1 for=2h', meaning: 'takes the lock for two hours at most' },
    {
      command: '/lock vm/web-1 until=closed reason=incident',
      meaning: 'takes the lock until this thread is closed, with a reason',
    },
  ],
  freeText: 'reason',
  needsCatalogue: false,
  mutates: true,
  interpret: (args) => {
    const key = parseLockKey(args);
    const end = parseLockEnd(args);
    const reason = parseReason(args, [], ['for', 'until']);
    return key === undefined ? undefined : { kind: 'lock', key, reason, ...(end && { end }) };
  },
};
