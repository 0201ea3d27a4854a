import type { IncomingComment } from '../../../chatops/github/port.ts';

/** A comment of `octocat` on the thread acme/ops#7, at 12:00 and `id` seconds. */
export const commentOf = (body: string, id = 9, login = 'octocat'): IncomingComment => ({
  host: 'github.com',
  thread: { repository: { id: 1, name: 'acme/ops' }, number: 7, kind: 'issue' },
  comment: {
    id,
    createdAt: new Date(Date.UTC(2026, 2, 1, 12, 0, id)).toISOString().replace('.000', ''),
    body,
  },
  author: { id: 5, login },
  installation: 3,
});
