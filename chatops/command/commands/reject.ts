import { parseApprovalCode } from '../values/approval-code.ts';
import { parseReason } from '../values/reason.ts';
import type { CommandSpec } from './spec.ts';

export const reject: CommandSpec = {
  name: 'reject',
  usage: '/reject CODE [reason…]',
  summary: 'rejects a request that waits for approval, and ends its job',
  notes: [
    '`CODE` is in the reply to the request. Without a code, it rejects nothing and lists the waiting requests.',
    'Everything after the code is the reason, exactly as you write it. Quotes around it are optional. The requester sees the reason.',
    'The requester can also use it to withdraw the request.',
  ],
  access: 'approver',
  examples: [
    { command: '/reject 3k7v9q2m4x not before the weekend', meaning: 'rejects that request with a reason' },
    { command: '/reject 3k7v9q2m4x reason="wrong group: rg-b"', meaning: 'the same with a reason in quotes' },
  ],
  freeText: 'rest',
  needsCatalogue: false,
  mutates: true,
  interpret: (args) => {
    const approval = parseApprovalCode(args);
    const reason = parseReason(args, args.positionals.slice(1));
    return approval && { kind: 'reject', ...approval, reason };
  },
};
