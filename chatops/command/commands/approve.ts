import { parseApprovalCode } from '../values/approval-code.ts';
import type { CommandSpec } from './spec.ts';

export const approve: CommandSpec = {
  name: 'approve',
  usage: '/approve CODE',
  summary: 'approves someone else’s request that waits for approval',
  notes: [
    '`CODE` is in the reply to the request: 10 letters and digits that identify exactly what would run.',
    'Without a code, it approves nothing and lists the waiting requests.',
    'Edited comments, bots, apps that act on behalf of a person, and the requester cannot approve. If the policy has changed since the request, make the request again.',
  ],
  access: 'approver',
  examples: [
    { command: '/approve 3k7v9q2m4x', meaning: 'approves the request with that code' },
    { command: '/approve', meaning: 'lists the waiting requests' },
  ],
  needsCatalogue: false,
  mutates: true,
  interpret: (args) => {
    args.requireAtMost(1, 'one approval code');
    args.rejectParameters();
    const approval = parseApprovalCode(args);
    return approval && { kind: 'approve', ...approval };
  },
};
