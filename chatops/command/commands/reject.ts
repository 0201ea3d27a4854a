import { readCode } from '../values/code.ts';
import { readReason } from '../values/reason.ts';
import type { Spec } from './spec.ts';

export const reject: Spec = {
  name: 'reject',
  usage: '/reject CODE [reason…]',
  summary: 'refuses a request that waits for approval, and ends it',
  notes: [
    '`CODE` stands in the reply to the request. Without it nothing is refused, and what waits is listed.',
    'Everything after the code is the reason, exactly as you write it. Quotes around it are optional. The requester sees the reason.',
    'Who made the request may take it back so, too.',
  ],
  right: 'approver',
  examples: [
    { command: '/reject 3k7v9q2m4x not before the weekend', meaning: 'refuses that request, and says why' },
    { command: '/reject 3k7v9q2m4x reason="wrong group: rg-b"', meaning: 'the same with a reason in quotes' },
  ],
  freeText: 'rest',
  needsCatalogue: false,
  interpret: (given) => {
    const named = readCode(given);
    const reason = readReason(given, given.positionals.slice(1));
    return named && { kind: 'reject', ...named, reason };
  },
};
