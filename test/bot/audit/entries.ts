import type { AuditEntry } from '../../../chatops/audit.ts';

/** A decision; `n` tells it from others. */
export const entry = (n: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  v: 1,
  at: '2026-01-10T00:00:00.000Z',
  who: { id: 11, login: 'mona', kind: 'person' },
  what: '/run StopVM VMName=web-1',
  where: {
    host: 'github.com',
    thread: { repository: { id: 501, name: 'acme/ops' }, number: 1, kind: 'issue' },
    comment: n,
  },
  allowed: true,
  reason: 'level-suffices',
  request: null,
  policy: null,
  job: null,
  outcome: 'started',
  ...more,
});
