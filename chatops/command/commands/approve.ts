import { readCode } from '../values/code.ts';
import type { Spec } from './spec.ts';

export const approve: Spec = {
  name: 'approve',
  usage: '/approve CODE',
  summary: 'approves a request of somebody else that waits for it',
  notes: [
    '`CODE` stands in the reply to the request: 10 letters and digits, which stand for exactly what would run.',
    'Without it nothing is approved, and what waits is listed.',
    'An edited comment never approves, nor does a program or an app on behalf of a person, nor who made the request. After a change of the policy the request has to be made anew.',
  ],
  right: 'approver',
  examples: [
    { command: '/approve 3k7v9q2m4x', meaning: 'approves the request with that code' },
    { command: '/approve', meaning: 'lists what waits' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    given.atMost(1, 'the code of one request');
    given.noParameters();
    const named = readCode(given);
    return named && { kind: 'approve', ...named };
  },
};
