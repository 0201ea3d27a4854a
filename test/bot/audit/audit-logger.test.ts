import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createAuditLogger } from '../../../bot/audit/audit-logger.ts';
import { createBotMetrics } from '../../../bot/metrics.ts';
import { createAuditEntry } from '../../fixtures/audit-entry.ts';

test('a decision is logged in one line, counted, and stored', async () => {
  const logged: object[] = [];
  const kept: string[] = [];
  const metrics = createBotMetrics();
  const log = pino({ level: 'info' }, { write: (line) => void logged.push(JSON.parse(line) as object) });
  const trail = createAuditLogger({ metrics, log, store: (line) => void kept.push(line) });
  trail.record(createAuditEntry(1));
  trail.record(
    createAuditEntry(2, { what: '/cox explain compute 10', allowed: false, reason: 'level-too-low' }),
  );
  trail.record(createAuditEntry(3, { what: '/comput 10', outcome: 'refused' }));
  expect(logged).toMatchObject([1, 2, 3].map((comment) => ({ audit: { v: 1, where: { comment } } })));
  expect(kept.map((line) => (JSON.parse(line) as { outcome: string }).outcome)).toEqual([
    'started',
    'started',
    'refused',
  ]);
  const shown = await metrics.registry.metrics();
  expect(shown).toContain('coxswain_commands_total{command="run",outcome="started"} 1');
  expect(shown).toContain('coxswain_commands_total{command="explain",outcome="started"} 1');
  expect(shown).toContain('coxswain_commands_total{command="other",outcome="refused"} 1');
  expect(shown).toContain('coxswain_decisions_total{allowed="false",reason="level-too-low"} 1');
});
