import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { AuditBatchWriter } from '../../../bot/audit/batch-writer.ts';
import { createBotMetrics } from '../../../bot/metrics.ts';
import { waitUntil } from '../../fixtures/bot-fixture.ts';

/** Batches into a keeper that fails while it is told to. */
const open = (options: { maxWaitingLength?: number } = {}) => {
  const kept: string[] = [];
  const tried: string[] = [];
  const logged: { level: number; msg: string }[] = [];
  const state = { isDown: false };
  const metrics = createBotMetrics();
  const log = pino({ level: 'info' }, { write: (line) => void logged.push(JSON.parse(line) as never) });
  const keeper = async (text: string): Promise<void> => {
    tried.push(text);
    if (state.isDown) throw new Error('down');
    kept.push(text);
  };
  const batches = new AuditBatchWriter({ sink: keeper, metrics, log, intervalMilliseconds: 1, ...options });
  return { batches, kept, tried, logged, state, metrics };
};

test('lines are stored in order; after a failure the same batch is written first', async () => {
  const { batches, kept, tried, logged, state } = open();
  state.isDown = true;
  batches.append('1\n');
  await waitUntil('two attempts', () => tried.length >= 2);
  batches.append('2\n');
  await waitUntil('one more', () => tried.length >= 3);
  expect(new Set(tried)).toEqual(new Set(['1\n']));
  state.isDown = false;
  await waitUntil('both', () => kept.join('') === '1\n2\n');
  await batches.stop();
  expect(kept[0]).toBe('1\n');
  expect(logged.map(({ level }) => level)).toEqual([50, 30]);
});

test('stopping waits for waiting lines, and not for a sink that is down', async () => {
  const up = open();
  up.batches.append('1\n');
  await up.batches.stop();
  expect(up.kept).toEqual(['1\n']);
  const down = open();
  down.state.isDown = true;
  down.batches.append('1\n');
  await down.batches.stop();
  expect(down.kept).toEqual([]);
});

test('memory is bounded: what is too much is counted and left out', async () => {
  const { batches, kept, state, metrics } = open({ maxWaitingLength: 10 });
  state.isDown = true;
  for (let n = 0; n < 100; n += 1) batches.append(`${n % 10}\n`);
  state.isDown = false;
  await batches.stop();
  expect(kept.join('')).toBe('0\n1\n2\n3\n4\n');
  const shown = await metrics.registry.metrics();
  expect(shown).toContain('coxswain_audit_lines_total{outcome="stored"} 5');
  expect(shown).toContain('coxswain_audit_lines_total{outcome="dropped"} 95');
});

test('a batch is no larger than an append may be', async () => {
  const { batches, tried } = open();
  for (let n = 0; n < 5; n += 1) batches.append(`${'x'.repeat(400_000)}\n`);
  await batches.stop();
  expect(tried.map((text) => Math.floor(text.length / 400_000))).toEqual([2, 2, 1]);
});
