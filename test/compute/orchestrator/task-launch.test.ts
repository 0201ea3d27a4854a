import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import {
  LauncherUnavailableError,
  type LaunchOutcome,
  type RemovalOutcome,
} from '../../../compute/launcher/port.ts';
import { putCancellationMarker } from '../../../compute/orchestrator/job/cancellation-marker.ts';
import { reclaimLocks } from '../../../compute/orchestrator/timers/reclaim-locks.ts';
import {
  openLaunchHost,
  type LauncherScript,
  type LaunchHost,
} from '../../fixtures/orchestrator/launch-host.ts';
import {
  openOrchestratorFixture,
  listPaths,
  putTasks,
  type OrchestratorFixture,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

/* Tasks whose launch, start or removal takes a while, on a clock that the tests move. */

const modes = ['live', 'replay', 'hosted'] as const;
const full = 'a free container group: the limit of 100 is reached';
const later: LaunchOutcome = { kind: 'later', waitingFor: full };
const pending = { state: 'pending', message: null } as const;
const taskName = 'Launched';
let tests = 0;
/** A lock that no other test takes. */
const createLocks = () => [{ scope: 'tasks', key: `vm/web-${(tests += 1)}`, slots: 1, whenTaken: 'queue' }];

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  await putTasks(fixture.storage, [taskName], [{ parameterName: 'pass', secret: true }]);
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const getSeconds = async (host: LaunchHost, activity: string): Promise<number[]> =>
  (await host.listCalls()).filter(({ name }) => name === activity).map(({ second }) => second);
const getNames = async (host: LaunchHost): Promise<string[]> =>
  (await host.listCalls()).map(({ name }) => name);

describe.each(modes)('sessions: %s', (sessions) => {
  const open = (script: LauncherScript = {}) => openLaunchHost(fixture, sessions, script);

  test('a launch that is possible only later is tried again at growing intervals, and says what it waits for', async () => {
    const host = await open({
      launch: [later, later, later, later, later, later, later, later, { kind: 'launched' }],
    });
    await host.start({ taskName });
    const waiting = { startedAt: '2026-11-30T12:00:00.000Z', launch: { waitingFor: full } };
    expect(await host.getStatus()).toMatchObject(waiting);
    const status = await host.getStatus();
    await host.advance(914);
    expect(await host.getStatus()).toEqual(status);
    await host.advance(3);
    expect(await getSeconds(host, 'LaunchRunner')).toEqual([0, 5, 15, 35, 75, 155, 315, 615, 915]);
    expect(await host.getStatus()).toMatchObject({ launch: { waitingFor: null } });
    await host.startScript(916);
    await host.advance(10);
    expect(await host.getStatus()).toMatchObject({ launch: null });
    await host.exit();
    expect(await host.findOutput()).toMatchObject({ state: 'completed', startedAt: waiting.startedAt });
  });

  test('it waits at least as long as the launcher asks for', async () => {
    const host = await open({ launch: [{ ...later, retryAfterSeconds: 120 }, later, { kind: 'launched' }] });
    await host.start({ taskName });
    await host.advance(131);
    expect(await getSeconds(host, 'LaunchRunner')).toEqual([0, 120, 130]);
  });

  test('after its limit, the job has failed, its runner is removed, and its locks are free', async () => {
    const host = await open({ launch: [later], remove: ['later', 'gone'] });
    await host.start({ taskName }, { locks: createLocks() });
    await host.advance(1_799);
    expect(await host.findOutput()).toBeUndefined();
    await host.advance(3);
    expect(await host.findOutput()).toMatchObject({
      state: 'failed',
      reason: 'launch-failed',
      message: `The runner could not be launched within 30 min. The job was waiting for ${full}.`,
    });
    expect((await getNames(host)).slice(-3)).toEqual(['RemoveRunner', 'RemoveRunner', 'ReleaseLocks']);
  });

  test('a cancellation ends the wait for a launch', async () => {
    const host = await open({ launch: [later] });
    await host.start({ taskName });
    await host.advance(20);
    await host.cancel();
    expect(await host.findOutput()).toMatchObject({
      state: 'canceled',
      reason: 'canceled-by-user',
      endedBy: 'mona',
    });
    await host.advance(3_600);
    expect(await getNames(host)).toEqual(['LaunchRunner', 'LaunchRunner', 'LaunchRunner', 'RemoveRunner']);
  });

  test('a launcher that does not answer for a while fails no job', async () => {
    const silent = new LauncherUnavailableError('no answer');
    const host = await open({
      launch: [silent, silent, { kind: 'launched' }],
      inspect: [silent, pending, silent, pending],
      remove: [silent, 'gone'],
    });
    await host.start({ taskName });
    expect(await host.getStatus()).toMatchObject({ launch: { waitingFor: 'the launcher to answer' } });
    await host.advance(120);
    expect(await getSeconds(host, 'LaunchRunner')).toEqual([0, 5, 15]);
    expect(await host.findOutput()).toBeUndefined();
    await host.cancel();
    await host.advance(10);
    expect(await host.findOutput()).toMatchObject({ state: 'canceled' });
  });

  test('a launch that can never succeed ends the job with the launcher’s message', async () => {
    const message =
      'The launcher must not create container groups in runners. Give it the role Container Instances Contributor.';
    const host = await open({ launch: [{ kind: 'never', message }] });
    await host.start({ taskName });
    expect(await host.findOutput()).toMatchObject({ state: 'failed', reason: 'launch-failed', message });
    expect(await getNames(host)).toEqual(['LaunchRunner', 'RemoveRunner']);
  });

  test('a script that does not start in time fails with what keeps its runner from starting', async () => {
    const stuck = { state: 'pending', message: 'The image fleet/stop:1 cannot be pulled.' } as const;
    const host = await open({ inspect: [stuck], remove: ['later', 'gone'], log: 'pulling\nfailed' });
    await host.start({ taskName }, { locks: createLocks() });
    await host.advance(899);
    expect(await host.getStatus()).toMatchObject({ launch: { waitingFor: null } });
    expect(await host.findOutput()).toBeUndefined();
    await host.advance(3);
    expect(await host.findOutput()).toMatchObject({
      state: 'failed',
      reason: 'launch-failed',
      message:
        'The script did not start within 15 min after the launch of its runner. The image fleet/stop:1 cannot be pulled.\npulling\nfailed',
    });
    expect((await getNames(host)).slice(-5)).toEqual([
      'ReadRunnerLog',
      'RemoveRunner',
      'RemoveRunner',
      'CollectRun',
      'ReleaseLocks',
    ]);
  });

  test('a script that starts while its runner is removed for being late counts as lost', async () => {
    const host = await open({ inspect: [pending], remove: ['later', 'gone'] });
    await host.start({ taskName });
    await host.advance(900);
    await host.startScript(901);
    await host.advance(3);
    expect(await host.findOutput()).toMatchObject({ state: 'failed', reason: 'runner-lost' });
  });

  test.each([
    ['ended', 'The runner exited with code 1.', 'launch-failed', 'The runner exited with code 1.'],
    ['gone', null, 'runner-lost', 'The runner was lost before the script started'],
  ] as const)('a runner that is %s before the start: %s', async (state, message, reason, shown) => {
    const host = await open({ inspect: [{ state, message }] });
    await host.start({ taskName });
    await host.advance(2);
    expect(await host.findOutput()).toMatchObject({ state: 'failed', reason, message: shown });
  });

  test('a runner that is lost after the start shows the end of its own output without secrets', async () => {
    const host = await open({
      inspect: [{ state: 'ended', message: 'The container was restarted.' }],
      log: 'https://x.example/?sv=1&sig=abcdefgh\npass is hunter22\nSegmentation fault',
    });
    await host.start({ taskName, parameters: [{ name: 'pass', value: 'hunter22' }] }, { secrets: ['pass'] });
    await host.startScript(1);
    await host.advance(10);
    const output = await host.findOutput();
    expect(output).toMatchObject({ state: 'failed', reason: 'runner-lost' });
    expect(output?.message?.split('\n')).toEqual([
      'The runner was lost after the script had started; how the script ended is not known. The container was restarted.',
      'https://x.example/?sv=1&[redacted]',
      'pass is [redacted]',
      'Segmentation fault',
    ]);
  });

  test('the timeout counts from the start of the script', async () => {
    const host = await open({ inspect: [pending] });
    await host.start({ taskName, timeoutSeconds: 3_600 });
    await host.advance(700);
    await host.startScript(690);
    await host.advance(100);
    expect(await host.getStatus()).toMatchObject({ launch: null });
    await host.advance(690 + 3_600 + 60 - 800 - 1);
    expect(await host.findOutput()).toBeUndefined();
    await host.advance(2);
    expect(await host.findOutput()).toMatchObject({ state: 'timed-out', reason: 'deadline' });
  });

  test('a storage account whose clock is ahead does not extend the timeout', async () => {
    const host = await open({ inspect: [pending] });
    await host.start({ taskName, timeoutSeconds: 60 });
    await host.startScript(1_000_000);
    await host.advance(2 + 60 + 60 + 1);
    expect(await host.findOutput()).toMatchObject({ state: 'timed-out', reason: 'deadline' });
  });

  test('the locks of a canceled job are released only when its runner is gone', async () => {
    const host = await open({ remove: ['later', 'later', 'gone'] });
    await host.start({ taskName }, { locks: createLocks() });
    await host.startScript(1);
    await host.advance(3);
    await host.cancel();
    expect(await host.findOutput()).toBeUndefined();
    await host.advance(10);
    expect(await host.findOutput()).toMatchObject({ state: 'canceled' });
    const names = await getNames(host);
    expect(names.slice(-5)).toEqual([
      'RemoveRunner',
      'RemoveRunner',
      'RemoveRunner',
      'CollectRun',
      'ReleaseLocks',
    ]);
  });

  test('a job whose runner cannot be removed ends, but keeps its locks until the tick has removed it', async () => {
    const remove: RemovalOutcome[] = ['later'];
    const host = await open({ remove });
    await host.start({ taskName }, { locks: createLocks() });
    await host.startScript(1);
    await host.advance(3);
    await host.cancel();
    await host.advance(3_700);
    expect(await host.findOutput()).toMatchObject({ state: 'canceled', reason: 'canceled-by-user' });
    expect(await getNames(host)).not.toContain('ReleaseLocks');
    const tick = () =>
      reclaimLocks({ blobs: fixture.storage.blobs, launcher: host.launcher }).run(host.host.client);
    await tick();
    expect(await listPaths(fixture.storage, 'control/locks/')).toHaveLength(1);
    remove[0] = 'gone';
    await tick();
    expect(await listPaths(fixture.storage, 'control/locks/')).toEqual([]);
  });

  test('a job of an older version repeats its activities instead of waiting', async () => {
    const host = await open({ launch: [later, later, { kind: 'launched' }], remove: ['later'] });
    await host.start({ taskName }, { revision: undefined });
    await host.advance(10);
    expect(await host.getStatus()).not.toHaveProperty('launch');
    await host.startScript(5);
    await host.exit();
    expect(await host.findOutput()).toMatchObject({ state: 'completed' });
    expect(await getSeconds(host, 'LaunchRunner')).toEqual([0, 1, 3]);
    expect(await getNames(host)).not.toContain('RemoveRunner');
  });

  test('a launcher that does not answer is logged, with the cause and the job', async () => {
    const lines: string[] = [];
    const unavailable = new LauncherUnavailableError('no answer', { cause: new Error('the wire is cut') });
    const host = await open({
      launch: [unavailable, { kind: 'launched' }],
      inspect: [unavailable],
      remove: [unavailable, 'gone'],
      logger: pino({}, { write: (line: string) => void lines.push(line) }),
    });
    await host.start({ taskName });
    await host.advance(8);
    await host.cancel();
    const logged = lines.filter((line) => line.includes('the wire is cut') && line.includes(host.job));
    expect(logged.join('\n')).toContain('whether a runner was launched is unknown');
    expect(logged.join('\n')).toContain('a runner could not be inspected');
    expect(logged.join('\n')).toContain('a runner could not be removed yet');
  });

  test('a runner that cannot be removed does not change how its script ended', async () => {
    const host = await open({ remove: [new Error('The identity may not delete container groups')] });
    await host.start({ taskName }, { locks: createLocks() });
    await host.startScript(0);
    await host.exit();
    expect(await host.findOutput()).toMatchObject({ state: 'completed' });
    expect(await getSeconds(host, 'CollectRun')).toHaveLength(1);
  });

  test('a job that is stopped during its launch ends as stopped, also if its runner cannot be removed', async () => {
    const host = await open({ remove: [new Error('The identity may not delete container groups')] });
    await putCancellationMarker(fixture.storage.blobs, host.job, { reason: 'canceled-by-user', by: 'mona' });
    await host.start({ taskName });
    await host.advance(600);
    expect(await host.findOutput()).toMatchObject({ state: 'canceled', reason: 'canceled-by-user' });
    expect(await getSeconds(host, 'LaunchRunner')).toEqual([0]);
  });

  test('after an exit record, one attempt to remove the runner is enough', async () => {
    const host = await open({ remove: ['later'] });
    await host.start({ taskName }, { locks: createLocks() });
    await host.startScript(0);
    await host.exit();
    expect(await host.findOutput()).toMatchObject({ state: 'completed' });
    expect(await getNames(host)).toEqual([
      'TakeLock',
      'LaunchRunner',
      'InspectRunner',
      'CollectRun',
      'ReleaseLocks',
    ]);
  });
});
