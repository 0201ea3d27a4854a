import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import manifest from '../../../package.json' with { type: 'json' };

/* The host drives parts of durable-functions that are no public API. An upgrade must come by here first. */

const require = createRequire(import.meta.url);

test('durable-functions is the pinned version', () => {
  expect(manifest.dependencies['durable-functions']).toBe('3.5.0');
  expect((require('durable-functions/package.json') as { version: string }).version).toBe('3.5.0');
});

test('its executor has what the host drives', () => {
  const { TaskOrchestrationExecutor } =
    require('durable-functions/lib/src/orchestrations/TaskOrchestrationExecutor') as {
      TaskOrchestrationExecutor: new () => Record<string, unknown>;
    };
  const executor = new TaskOrchestrationExecutor();
  expect(executor).toMatchObject({
    sequenceNumber: 0,
    willContinueAsNew: false,
    actions: [],
    output: undefined,
    exception: undefined,
    _isReplaying: false,
  });
  for (const method of ['processEvent', 'isDoneExecuting', 'trackOpenTask', 'recordFireAndForgetAction']) {
    expect(executor[method]).toBeInstanceOf(Function);
  }
});

test('the numbers of events and actions are those the host writes and reads', async () => {
  const { eventTypes } = await import('../../../local/durable-host/durable-host.ts');
  const { HistoryEventType } = require('durable-functions/lib/src/history/HistoryEventType') as {
    HistoryEventType: Record<string, number>;
  };
  for (const [name, number] of Object.entries(eventTypes))
    expect([name, HistoryEventType[name]]).toEqual([name, number]);
  const { ActionType } = require('durable-functions/lib/src/actions/ActionType') as {
    ActionType: Record<string, number>;
  };
  expect(ActionType).toMatchObject({
    CallActivity: 0,
    CallActivityWithRetry: 1,
    CallSubOrchestrator: 2,
    CallSubOrchestratorWithRetry: 3,
    CreateTimer: 5,
    CallEntity: 7,
    CallHttp: 8,
    LockEntities: 13,
  });
});
