import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { createOrchestratorMetric } from '../../bot/metrics.ts';

test('the health of the orchestrator is that of the last call, and unknown without a recent one', async () => {
  let now = 0;
  const registry = new Registry();
  const { recordOrchestratorCall } = createOrchestratorMetric({ registers: [registry] }, () => now);
  const read = async () => (await registry.metrics()).split('\n').at(-2);
  expect(await read()).toBe('coxswain_orchestrator_up Nan');
  recordOrchestratorCall(true);
  expect(await read()).toBe('coxswain_orchestrator_up 1');
  recordOrchestratorCall(false);
  expect(await read()).toBe('coxswain_orchestrator_up 0');
  recordOrchestratorCall(true);
  now = 300_000;
  expect(await read()).toBe('coxswain_orchestrator_up 1');
  // Another replica leads, and this one calls nothing: that the orchestrator was up says nothing about now.
  now = 300_001;
  expect(await read()).toBe('coxswain_orchestrator_up Nan');
});
