import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageOrchestrator } from '../../../../.ci/package-orchestrator.ts';
import {
  listRegistered,
  registrationSettings as settings,
  unpackPackage,
  type Registered,
} from '../../../../.ci/verify/registered-functions.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'functions-'));
});
afterAll(() => rm(folder, { recursive: true }));

const registeredBy = (entry: string, environment: Record<string, string>): Promise<Registered> =>
  listRegistered(process.execPath, entry, environment);

test('the packaged bundle registers all functions, each route with only its own guard', async () => {
  const entry = await unpackPackage(await packageOrchestrator(root), folder);
  const { functions, streams } = await registeredBy(entry, settings);
  expect(streams).toBe(false);
  const trigger = ({ bindings }: Registered['functions'][number]) =>
    bindings.find(({ type }) => type.endsWith('Trigger'));
  const byType = (type: string) => functions.filter((each) => trigger(each)?.type === type);
  const names = (type: string) => byType(type).map(({ name }) => name);

  expect(names('orchestrationTrigger')).toEqual([
    'ComputeOrchestrator',
    'ComputeGroup',
    'ComputeBatch',
    'TaskOrchestrator',
  ]);
  expect(names('activityTrigger')).toEqual([
    'PutParameters',
    'PutBlocks',
    'LookAtBatch',
    'CombineBatch',
    'TallyBatch',
    'MarkJob',
    'Reduce',
    'LaunchRunner',
    'InspectRunner',
    'CollectRun',
    'RemoveRunner',
    'ReadRunnerLog',
    'TakeLock',
    'ReleaseLocks',
    'Checkpoint',
  ]);
  expect(
    byType('httpTrigger').map((each) => {
      const binding = trigger(each);
      return ['methods', 'route', 'authLevel'].map((name) => String(binding?.[name])).join(' ');
    }),
  ).toEqual([
    'POST orchestrators/ComputeOrchestrator anonymous',
    'POST inputs anonymous',
    'POST tasks anonymous',
    'GET tasks anonymous',
    'GET jobs anonymous',
    'GET jobs/{id} anonymous',
    'POST jobs/{id}/cancel anonymous',
    'POST jobs/{id}/approve anonymous',
    'POST jobs/{id}/reject anonymous',
    'GET jobs/{id}/log anonymous',
    'POST leases anonymous',
    'POST leases/release anonymous',
    'GET locks anonymous',
    'POST locks anonymous',
    'POST locks/release anonymous',
    'POST locks/end anonymous',
  ]);
  expect(names('eventGridTrigger')).toEqual(['ComputeComplete']);
  expect(byType('queueTrigger').map((each) => [each.name, trigger(each)])).toEqual([
    [
      'ComputeCompleteFromQueue',
      expect.objectContaining({ queueName: 'events', connection: 'COXSWAIN_EVENTS', direction: 'in' }),
    ],
  ]);
  expect(byType('timerTrigger').map((each) => [each.name, trigger(each)?.['schedule']])).toEqual([
    ['Tick', '0 */5 * * * *'],
  ]);
  expect(new Set(functions.map(({ name }) => name)).size).toBe(functions.length);
  const withClient = functions.filter(({ bindings }) =>
    bindings.some(({ type }) => type === 'durableClient'),
  );
  const clients = ['httpTrigger', 'eventGridTrigger', 'queueTrigger', 'timerTrigger'].flatMap((type) =>
    names(type),
  );
  expect(withClient.map(({ name }) => name).sort()).toEqual(clients.sort());
});

test('HTTP is streamed only where the operator turns streams on', async () => {
  const entry = join(root, 'compute/orchestrator/main.ts');
  expect(await registeredBy(entry, { ...settings, COXSWAIN_STREAMS: 'on' })).toMatchObject({ streams: true });
  await expect(registeredBy(entry, { ...settings, COXSWAIN_STREAMS: 'yes' })).rejects.toThrow(
    'COXSWAIN_STREAMS: expected "on" or "off", received "yes"',
  );
});

test.each([
  ['10', '*/10 * * * * *'],
  ['60', '0 */1 * * * *'],
  ['1200', '0 */20 * * * *'],
  ['3600', '0 0 * * * *'],
])('the tick fires every %s s', async (seconds, schedule) => {
  const entry = join(root, 'compute/orchestrator/main.ts');
  const { functions } = await registeredBy(entry, { ...settings, COXSWAIN_TICK_SECONDS: seconds });
  const { bindings } = functions.find(({ name }) => name === 'Tick') ?? {};
  expect(bindings?.find(({ type }) => type === 'timerTrigger')?.['schedule']).toBe(schedule);
});

test('invalid settings are reported by name', async () => {
  const entry = join(root, 'compute/orchestrator/main.ts');
  const wrong = registeredBy(entry, { ...settings, COXSWAIN_RETENTION_DAYS: 'soon' });
  await expect(wrong).rejects.toThrow(
    'COXSWAIN_RETENTION_DAYS: expected an integer from 1 to 3650, received "soon"',
  );
});
