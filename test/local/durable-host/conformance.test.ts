import { afterEach, describe, expect, test } from '@jest/globals';
import { RetryOptions, type OrchestrationContext, type Task } from 'durable-functions';
import type {
  Activity,
  InstanceStatus,
  Orchestration,
  Registry,
} from '../../../compute/orchestrator/durable.ts';
import {
  createGate,
  openTestDurableHost,
  untilTimersFired,
  type HostMode,
  type TestDurableHost,
  type SilentSteps,
  type TestSteps,
} from '../../fixtures/durable-host.ts';

/*
 * The guarantees for orchestrations: with live generators, with a replay of the history at each step, and with durable-functions' own
 * code behind the protocol of the Durable Functions extension, as on Azure.
 */

const beds: TestDurableHost[] = [];
afterEach(async () => {
  await Promise.all(beds.splice(0).map((testHost) => testHost.close()));
});

type Code = {
  orchestrations: Record<string, (context: OrchestrationContext) => TestSteps>;
  activities?: Record<string, Activity>;
};

const registryOf = ({ orchestrations, activities = {} }: Code): Registry => ({ orchestrations, activities });
const soon = (context: OrchestrationContext, milliseconds = 10): Date =>
  new Date(context.df.currentUtcDateTime.getTime() + milliseconds);
const double: Activity = async (n: number) => n * 2;
const fail: Activity = async (text: string) => {
  throw new Error(text);
};

/** The message with which a task fails. */
const failureOf = function* (task: Task): Generator<Task, string, never> {
  try {
    yield task;
    return 'It did not fail';
  } catch (error) {
    return (error as Error).message;
  }
};

/** Waits for one event, and returns its data. */
const waits = function* (context: OrchestrationContext): TestSteps {
  const data: unknown = yield context.df.waitForExternalEvent('Go');
  return data;
};

describe.each<HostMode>(['live', 'replay', 'hosted'])('%s sessions', (sessions) => {
  const bedOf = async (
    code: Code,
    options: Parameters<typeof openTestDurableHost>[1] = {},
  ): Promise<TestDurableHost> => {
    const testHost = await openTestDurableHost(registryOf(code), { sessions, ...options });
    beds.push(testHost);
    return testHost;
  };
  /** Runs one orchestration to its end. */
  const runs = async (
    main: Orchestration,
    activities: Record<string, Activity> = {},
    input: unknown = null,
  ) => (await bedOf({ orchestrations: { main }, activities })).run('main', input);

  describe('activities', () => {
    test('a chain hands each result on', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        let n: number = context.df.getInput();
        for (let i = 0; i < 5; i++) n = yield context.df.callActivity('double', n);
        return n;
      };
      expect(await runs(main, { double }, 1)).toMatchObject({
        runtimeStatus: 'Completed',
        output: 32,
        input: 1,
      });
    });

    test('a fan-out gives all results in the order of the calls, whatever the order of the ends', async () => {
      const slowFirst: Activity = async (n: number) => {
        for (let i = 0; i < 20 - n; i++) await new Promise(setImmediate);
        return n;
      };
      const main = function* (context: OrchestrationContext): TestSteps {
        const all: number[] = yield context.df.Task.all(
          [...Array(20).keys()].map((n) => context.df.callActivity('slowFirst', n)),
        );
        return all;
      };
      expect((await runs(main, { slowFirst })).output).toEqual([...Array(20).keys()]);
    });

    test('no more of them run at once than the host allows', async () => {
      let now = 0;
      let most = 0;
      const counted: Activity = async () => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now -= 1;
      };
      const main = function* (context: OrchestrationContext): SilentSteps {
        yield context.df.Task.all([...Array(30).keys()].map((n) => context.df.callActivity('counted', n)));
      };
      const testHost = await bedOf({ orchestrations: { main }, activities: { counted } }, { activities: 4 });
      await testHost.run('main');
      expect(most).toBe(4);
    });

    test('the first of several wins, and the others are left alone', async () => {
      const never = createGate();
      const main = function* (context: OrchestrationContext): TestSteps {
        const quick = context.df.callActivity('double', 4);
        const winner: Task = yield context.df.Task.any([context.df.callActivity('slow'), quick]);
        context.df.setCustomStatus('won');
        return winner === quick ? quick.result : 'slow';
      };
      const testHost = await bedOf({
        orchestrations: { main },
        activities: { double, slow: async () => never.opened },
      });
      await testHost.client.start('main', 'any', null);
      await testHost.when('any', ({ customStatus }) => customStatus === 'won');
      never.open();
      expect((await testHost.ended('any')).output).toBe(8);
    });

    test(`an end ${sessions === 'hosted' ? 'waits' : 'does not wait'} for activities that still run`, async () => {
      const never = createGate();
      const main = function* (context: OrchestrationContext): TestSteps {
        yield context.df.Task.any([context.df.callActivity('slow'), context.df.callActivity('double', 4)]);
        context.df.setCustomStatus('over');
        return 'done';
      };
      const slow = async () => never.opened;
      const testHost = await bedOf({ orchestrations: { main }, activities: { double, slow } });
      await testHost.client.start('main', 'open', null);
      const { runtimeStatus } = await testHost.when('open', ({ customStatus }) => customStatus === 'over');
      expect(runtimeStatus).toBe(sessions === 'hosted' ? 'Running' : 'Completed');
      never.open();
      expect((await testHost.ended('open')).output).toBe('done');
    });

    test('input and result are JSON: texts, null, nothing, objects', async () => {
      const seen: unknown[] = [];
      const echo: Activity = async (value: unknown) => {
        seen.push(value);
        return value;
      };
      const main = function* (context: OrchestrationContext): TestSteps {
        const results: unknown[] = [];
        for (const value of ['text', '{"a":1}', null, undefined, { a: [1, 'ü'] }, 0]) {
          const result: unknown = yield context.df.callActivity('echo', value);
          results.push(result);
        }
        return results;
      };
      const { output } = await runs(main, { echo });
      expect(output).toEqual(['text', '{"a":1}', null, null, { a: [1, 'ü'] }, 0]);
      expect(seen).toEqual(output);
    });

    test('a payload of megabytes is passed unchanged', async () => {
      const big = 'x'.repeat(3_000_000);
      const main = function* (context: OrchestrationContext): TestSteps {
        const text: string = yield context.df.callActivity('echo', context.df.getInput());
        return text;
      };
      const { output } = await runs(main, { echo: async (text: string) => text }, big);
      expect(output === big).toBe(true);
    });

    test('a failure that is caught is an ordinary value', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        return yield* failureOf(context.df.callActivity('fail', 'out of paper'));
      };
      expect(await runs(main, { fail })).toMatchObject({
        runtimeStatus: 'Completed',
        output: "Activity function 'fail' failed \n out of paper",
      });
    });

    test('a failure that is not caught ends the orchestration, and says why', async () => {
      const main = function* (context: OrchestrationContext): SilentSteps {
        yield context.df.callActivity('fail', 'out of paper');
      };
      const { runtimeStatus, output } = await runs(main, { fail });
      expect(runtimeStatus).toBe('Failed');
      expect(output).toBe(
        "Orchestrator function 'main' failed: Activity function 'fail' failed \n out of paper",
      );
    });

    test('one failure fails the whole of Task.all at once', async () => {
      const never = createGate();
      const main = function* (context: OrchestrationContext): SilentSteps {
        try {
          yield context.df.Task.all([context.df.callActivity('slow'), context.df.callActivity('fail', 'no')]);
        } finally {
          context.df.setCustomStatus('failed');
        }
      };
      const activities = { fail, slow: () => never.opened };
      const testHost = await bedOf({ orchestrations: { main }, activities });
      await testHost.client.start('main', 'all', null);
      await testHost.when('all', ({ customStatus }) => customStatus === 'failed');
      never.open();
      expect((await testHost.ended('all')).runtimeStatus).toBe('Failed');
    });

    test('an unknown activity fails as a failing one', async () => {
      const main = function* (context: OrchestrationContext): SilentSteps {
        yield context.df.callActivity('toString');
      };
      expect((await runs(main)).output).toContain("The activity 'toString' is not registered");
    });

    test('a retry policy retries until success or the maximum number of attempts', async () => {
      let calls = 0;
      const third: Activity = async () => {
        calls += 1;
        if (calls < 3) throw new Error('not yet');
        return calls;
      };
      const main = function* (context: OrchestrationContext): TestSteps {
        const policy = new RetryOptions(1, 3);
        policy.backoffCoefficient = 2;
        const good: number = yield context.df.callActivityWithRetry('third', policy);
        const bad = yield* failureOf(context.df.callActivityWithRetry('fail', policy, 'never'));
        return [good, bad];
      };
      expect((await runs(main, { third, fail })).output).toEqual([
        3,
        "Activity function 'fail' failed \n never",
      ]);
    });
  });

  describe('events', () => {
    test('an event that is raised before it is awaited is stored', async () => {
      const hold = createGate();
      const main = function* (context: OrchestrationContext): TestSteps {
        yield context.df.callActivity('hold');
        const data: unknown = yield context.df.waitForExternalEvent('Go');
        return data;
      };
      const testHost = await bedOf({ orchestrations: { main }, activities: { hold: () => hold.opened } });
      await testHost.client.start('main', 'early', null);
      expect(await testHost.client.raiseEvent('early', 'Go', { a: 1 })).toBe(true);
      hold.open();
      expect((await testHost.ended('early')).output).toEqual({ a: 1 });
    });

    test('many of one name come in order, each once', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        const got: number[] = [];
        while (got.length < 50) {
          const n: number = yield context.df.waitForExternalEvent('Tick');
          got.push(n);
        }
        return got;
      };
      const testHost = await bedOf({ orchestrations: { main } });
      await testHost.client.start('main', 'ticks', null);
      for (let n = 0; n < 25; n++) await testHost.client.raiseEvent('ticks', 'Tick', n);
      await Promise.all(
        [...Array(25).keys()].map((n) => testHost.client.raiseEvent('ticks', 'Tick', n + 25)),
      );
      expect((await testHost.ended('ticks')).output).toEqual([...Array(50).keys()]);
    });

    test('different names are awaited side by side', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        const both: string[] = yield context.df.Task.all(
          ['A', 'B'].map((name) => context.df.waitForExternalEvent(name)),
        );
        return both;
      };
      const testHost = await bedOf({ orchestrations: { main } });
      await testHost.client.start('main', 'ab', null);
      await testHost.client.raiseEvent('ab', 'B', 'b');
      await testHost.client.raiseEvent('ab', 'A', 'a');
      expect((await testHost.ended('ab')).output).toEqual(['a', 'b']);
    });

    test('if two tasks wait for one name, the newer one gets the event', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        const [older, newer] = [context.df.waitForExternalEvent('X'), context.df.waitForExternalEvent('X')];
        const winner: Task = yield context.df.Task.any([older, newer]);
        return winner === newer ? 'newer' : 'older';
      };
      const testHost = await bedOf({ orchestrations: { main } });
      await testHost.client.start('main', 'two', null);
      await testHost.client.raiseEvent('two', 'X', 1);
      expect((await testHost.ended('two')).output).toBe('newer');
    });

    test('an unknown or ended instance takes none, and a name of digits is refused', async () => {
      const testHost = await bedOf({ orchestrations: { waits } });
      await testHost.client.start('waits', 'w', null);
      expect(await testHost.client.raiseEvent('nobody', 'Go', 1)).toBe(false);
      await expect(testHost.client.raiseEvent('w', '0', 1)).rejects.toThrow('digits');
      await testHost.client.raiseEvent('w', 'Go', undefined);
      expect((await testHost.ended('w')).output).toBe(null);
      expect(await testHost.client.raiseEvent('w', 'Go', 1)).toBe(false);
    });
  });

  describe('timers', () => {
    const race = function* (context: OrchestrationContext): TestSteps {
      const event = context.df.waitForExternalEvent('Go');
      const timer = context.df.createTimer(soon(context, context.df.getInput()));
      const winner: Task = yield context.df.Task.any([event, timer]);
      if (winner === timer) return 'timer';
      timer.cancel();
      return event.result;
    };

    test('a timer wins against an event that does not come', async () => {
      expect((await runs(race, {}, 5)).output).toBe('timer');
    });

    test('an event wins against a timer, which is canceled', async () => {
      const testHost = await bedOf({ orchestrations: { race } });
      await testHost.client.start('race', 'r', 3_600_000);
      await testHost.client.raiseEvent('r', 'Go', 'event');
      expect((await testHost.ended('r')).output).toBe('event');
    });

    test('one in the past fires at once, one that is canceled never', async () => {
      let time = Date.UTC(2026, 0, 1);
      const main = function* (context: OrchestrationContext): TestSteps {
        const canceled = context.df.createTimer(soon(context, 1_000));
        yield context.df.Task.any([canceled, context.df.createTimer(soon(context, -1_000))]);
        canceled.cancel();
        context.df.setCustomStatus('canceled');
        yield context.df.waitForExternalEvent('Go');
        return canceled.isCompleted;
      };
      const testHost = await bedOf({ orchestrations: { main } }, { now: () => time });
      await testHost.client.start('main', 'c', null);
      await testHost.when('c', ({ customStatus }) => customStatus === 'canceled');
      time += 5_000;
      await testHost.reopen();
      await testHost.client.raiseEvent('c', 'Go', null);
      expect((await testHost.ended('c')).output).toBe(false);
    });

    test('one that is further off than setTimeout can wait neither fires early nor is lost', async () => {
      const day = 86_400_000;
      let time = Date.UTC(2026, 0, 1);
      const main = function* (context: OrchestrationContext): TestSteps {
        yield context.df.createTimer(soon(context, 60 * day));
        return context.df.currentUtcDateTime.toISOString();
      };
      const testHost = await bedOf({ orchestrations: { main } }, { now: () => time });
      await testHost.client.start('main', 'long', null);
      time += 59 * day;
      await testHost.reopen();
      expect(await testHost.client.status('long')).toMatchObject({ runtimeStatus: 'Running' });
      time += 2 * day;
      await testHost.reopen();
      expect((await testHost.ended('long')).output).toBe('2026-03-03T00:00:00.000Z');
    });

    /** Waits for an event up to 30 days. */
    const patient = function* (context: OrchestrationContext): TestSteps {
      const timer = context.df.createTimer(soon(context, 30 * 86_400_000));
      const event = context.df.waitForExternalEvent('Go');
      const winner: Task = yield context.df.Task.any([event, timer]);
      if (winner === timer) return context.df.currentUtcDateTime.toISOString();
      timer.cancel();
      yield context.df.callActivity('double', 1);
      return event.result;
    };
    /** Starts it, and lets `days` pass, three at a time. */
    const waitPatiently = async (days: number): Promise<TestDurableHost> => {
      let time = Date.UTC(2026, 0, 1);
      const code = { orchestrations: { patient }, activities: { double } };
      const testHost = await bedOf(code, { now: () => time });
      await testHost.client.start('patient', 'p', null);
      await testHost.when('p', ({ runtimeStatus }) => runtimeStatus === 'Running');
      for (let day = 3; day <= days; day += 3) {
        time += 3 * 86_400_000;
        await testHost.reopen();
        await untilTimersFired(testHost.client, 'p', time);
      }
      return testHost;
    };
    const countTimers = async (testHost: TestDurableHost): Promise<number | undefined> =>
      (await testHost.client.history('p'))?.filter(({ FireAt }) => FireAt !== undefined).length;

    test('one of 30 days fires at its time, in steps of three days where Azure needs them', async () => {
      const testHost = await waitPatiently(30);
      expect((await testHost.ended('p')).output).toBe('2026-01-31T00:00:00.000Z');
      // With six days to go, durable-functions makes the last step, and the extension two.
      expect(await countTimers(testHost)).toBe({ live: 1, replay: 9, hosted: 10 }[sessions]);
    });

    test('one of 30 days that is canceled on its first day leaves no step', async () => {
      const testHost = await waitPatiently(0);
      await testHost.client.raiseEvent('p', 'Go', 'early');
      expect((await testHost.ended('p')).output).toBe('early');
      expect(await countTimers(testHost)).toBe(1);
    });

    test(`one of 30 days ${sessions === 'hosted' ? 'can not' : 'can'} be canceled after a step`, async () => {
      const testHost = await waitPatiently(9);
      await testHost.client.raiseEvent('p', 'Go', 'late');
      const { output } = await testHost.ended('p');
      // In the replay, the extension cancels the first step, and does not make the others: an error of the extension.
      if (sessions === 'hosted') expect(output).toContain('task 1 was timer and is now activity double');
      else expect(output).toBe('late');
    });

    test('an invalid time fails the orchestration', async () => {
      const main = function* (context: OrchestrationContext): SilentSteps {
        yield context.df.createTimer(new Date(Number.NaN));
      };
      expect((await runs(main)).output).toContain('invalid date');
    });
  });

  describe('sub-orchestrations', () => {
    const child = function* (context: OrchestrationContext): TestSteps {
      const n: number = yield context.df.callActivity('double', context.df.getInput());
      context.df.setCustomStatus({ n });
      return { n, parent: context.df.parentInstanceId };
    };

    test('run under the ids they are given, are seen by them, and answer their parent', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        const ids = [1, 2, 3].map((n) => context.df.callSubOrchestrator('child', n, `batch-a-${n}`));
        const all: unknown[] = yield context.df.Task.all(ids);
        return all;
      };
      const testHost = await bedOf({ orchestrations: { main, child }, activities: { double } });
      expect((await testHost.run('main', null, 'job-a')).output).toEqual(
        [2, 4, 6].map((n) => ({ n, parent: 'job-a' })),
      );
      const { instances } = await testHost.client.list({ prefix: 'batch-a-' });
      expect(instances.map(({ instanceId, customStatus }) => [instanceId, customStatus])).toEqual([
        ['batch-a-3', { n: 6 }],
        ['batch-a-2', { n: 4 }],
        ['batch-a-1', { n: 2 }],
      ]);
    });

    test('get generated ids by default, also when the parent continues as new', async () => {
      const main = function* (context: OrchestrationContext): SilentSteps {
        const round: number = context.df.getInput();
        yield context.df.Task.all([
          context.df.callSubOrchestrator('child', 1),
          context.df.callSubOrchestrator('child', 2),
        ]);
        if (round < 2) context.df.continueAsNew(round + 1);
      };
      const testHost = await bedOf({ orchestrations: { main, child }, activities: { double } });
      await testHost.run('main', 1, 'p');
      expect((await testHost.client.list({ prefix: 'p:' })).instances).toHaveLength(4);
    });

    test('that fail throw in their parent', async () => {
      // oxlint-disable-next-line require-yield
      const broken = function* (): TestSteps {
        throw new Error('no crew');
      };
      const main = function* (context: OrchestrationContext): TestSteps {
        return yield* failureOf(context.df.callSubOrchestrator('broken', null, 'b'));
      };
      const testHost = await bedOf({ orchestrations: { main, broken } });
      expect((await testHost.run('main')).output).toBe("Sub-orchestration 'broken' failed \n no crew");
      expect(await testHost.client.status('b')).toMatchObject({ runtimeStatus: 'Failed' });
    });

    test('that are retried run again under their id', async () => {
      let runs = 0;
      const flaky = function* (context: OrchestrationContext): TestSteps {
        runs = yield context.df.callActivity('count');
        if (runs < 2) throw new Error('once more');
        return runs;
      };
      let count = 0;
      const main = function* (context: OrchestrationContext): TestSteps {
        const n: number = yield context.df.callSubOrchestratorWithRetry(
          'flaky',
          new RetryOptions(1, 3),
          null,
          'same',
        );
        return n;
      };
      const testHost = await bedOf({
        orchestrations: { main, flaky },
        activities: { count: async () => ++count },
      });
      expect((await testHost.run('main')).output).toBe(2);
      expect(await testHost.client.status('same')).toMatchObject({ runtimeStatus: 'Completed', output: 2 });
    });

    test('fail if their id runs already or their name is unknown', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        const messages: string[] = [];
        for (const [name, id] of [
          ['waits', 'taken'],
          ['Nope', 'n'],
        ] as const) {
          messages.push(yield* failureOf(context.df.callSubOrchestrator(name, null, id)));
        }
        return messages;
      };
      const testHost = await bedOf({ orchestrations: { main, waits } });
      await testHost.client.start('waits', 'taken', null);
      const [taken, unknown] = (await testHost.run('main')).output as string[];
      expect(taken).toContain('An instance taken is already running');
      expect(unknown).toContain("The orchestration 'Nope' is not registered");
    });

    test('that are terminated fail in their parent; a terminated parent does not affect them', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        return yield* failureOf(context.df.callSubOrchestrator('waits', null, context.df.getInput()));
      };
      const testHost = await bedOf({ orchestrations: { main, waits } });
      const isRunning = ({ runtimeStatus }: InstanceStatus) => runtimeStatus === 'Running';
      await testHost.client.start('main', 'm1', 'w1');
      await testHost.when('w1', isRunning);
      await testHost.client.terminate('w1', 'enough');
      expect((await testHost.ended('m1')).output).toContain('enough');

      await testHost.client.start('main', 'm2', 'w2');
      await testHost.when('w2', isRunning);
      expect(await testHost.client.terminate('m2', 'stop')).toBe(true);
      expect(await testHost.client.status('m2')).toMatchObject({
        runtimeStatus: 'Terminated',
        output: 'stop',
      });
      expect(await testHost.client.status('w2')).toMatchObject({ runtimeStatus: 'Running' });
      await testHost.client.raiseEvent('w2', 'Go', 1);
      expect(await testHost.ended('w2')).toMatchObject({ runtimeStatus: 'Completed' });
      expect(await testHost.client.status('m2')).toMatchObject({ runtimeStatus: 'Terminated' });
    });
  });

  describe('an orchestration', () => {
    test('shows its custom status while it waits, and retains it until the end', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        context.df.setCustomStatus({ done: 0 });
        yield context.df.waitForExternalEvent('Go');
        context.df.setCustomStatus({ done: 1 });
        return 'ok';
      };
      const testHost = await bedOf({ orchestrations: { main } });
      await testHost.client.start('main', 'c', null);
      expect(await testHost.when('c', ({ customStatus }) => customStatus !== null)).toMatchObject({
        runtimeStatus: 'Running',
        customStatus: { done: 0 },
        output: null,
      });
      await testHost.client.raiseEvent('c', 'Go', 1);
      expect(await testHost.ended('c')).toMatchObject({ customStatus: { done: 1 }, output: 'ok' });
    });

    test('continues as new with another input, and without earlier events', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        const { round, seen } = context.df.getInput<{ round: number; seen: number[] }>();
        const n: number = yield context.df.callActivity('double', round);
        if (round < 5) context.df.continueAsNew({ round: round + 1, seen: [...seen, n] });
        return [...seen, n];
      };
      const testHost = await bedOf({ orchestrations: { main }, activities: { double } });
      const status = await testHost.run('main', { round: 1, seen: [] });
      expect(status.output).toEqual([2, 4, 6, 8, 10]);
      expect(await testHost.client.history('main-1')).toHaveLength(5);
    });

    test('that continues as new with pending timers and activities gets no results of its earlier execution', async () => {
      const hold = createGate();
      const main = function* (context: OrchestrationContext): TestSteps {
        const isSecond: boolean = context.df.getInput();
        const late = context.df.callActivity(isSecond ? 'double' : 'hold', 21);
        const timer = context.df.createTimer(soon(context, isSecond ? 30 : 1));
        const winner: Task = yield context.df.Task.any(isSecond ? [late] : [late, timer]);
        if (!isSecond) context.df.setCustomStatus('timer fired');
        if (!isSecond) context.df.continueAsNew(true);
        return winner.result;
      };
      const testHost = await bedOf({
        orchestrations: { main },
        activities: {
          double: async (n: number) => (hold.open(), double(n as never)),
          hold: async () => hold.opened.then(() => 'stale'),
        },
      });
      await testHost.client.start('main', 'again', false);
      await testHost.when('again', ({ customStatus }) => customStatus === 'timer fired');
      // As on Azure, a hosted execution ends when its activities have.
      if (sessions === 'hosted') hold.open();
      expect((await testHost.ended('again')).output).toBe(42);
    });

    test('has a time and ids that are the same at each replay', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        const facts: [string, string][] = [];
        for (let i = 0; i < 3; i++) {
          facts.push([context.df.currentUtcDateTime.toISOString(), context.df.newGuid('seed')]);
          yield context.df.callActivity('note', facts);
        }
        return facts;
      };
      const notes: unknown[][] = [];
      const testHost = await bedOf({
        orchestrations: { main },
        activities: { note: async (facts: unknown[]) => void notes.push(facts) },
      });
      const output = (await testHost.run('main')).output as [string, string][];
      expect(notes).toEqual([1, 2, 3].map((n) => output.slice(0, n)));
      expect(new Set(output.map(([, id]) => id)).size).toBe(3);
    });

    test('that throws, returns a value without JSON, or yields a value that is not a task, fails with the reason', async () => {
      const orchestrations = {
        // oxlint-disable-next-line require-yield
        *throws(): TestSteps {
          throw new TypeError('of its own');
        },
        // oxlint-disable-next-line require-yield
        *cyclic(): TestSteps {
          const self: Record<string, unknown> = {};
          self['self'] = self;
          return self;
        },
        *number(): SilentSteps {
          yield 7 as unknown as Task;
        },
        *http(context: OrchestrationContext): SilentSteps {
          yield context.df.callHttp({ method: 'GET', url: 'http://localhost' });
        },
      };
      const testHost = await bedOf({ orchestrations });
      const outputs = await Promise.all(Object.keys(orchestrations).map((name) => testHost.run(name)));
      expect(outputs.map(({ runtimeStatus }) => runtimeStatus)).toEqual(Array(4).fill('Failed'));
      const texts = outputs.map(({ output }) => output as string);
      expect(texts[0]).toBe("Orchestrator function 'throws' failed: of its own");
      expect(texts[1]).toContain('circular');
      expect(texts[2]).toContain('Only Task types can be yielded');
      expect(texts[3]).toContain('callHttp is not supported');
    });

    test('that is terminated stays terminated, whichever events arrive later', async () => {
      const hold = createGate();
      const main = function* (context: OrchestrationContext): SilentSteps {
        yield context.df.callActivity('hold');
      };
      const testHost = await bedOf({ orchestrations: { main }, activities: { hold: () => hold.opened } });
      await testHost.client.start('main', 't', null);
      expect(await testHost.client.terminate('t', 'why')).toBe(true);
      expect(await testHost.client.terminate('t', 'again')).toBe(false);
      hold.open();
      await testHost.reopen();
      expect(await testHost.client.status('t')).toMatchObject({ runtimeStatus: 'Terminated', output: 'why' });
    });

    test('that is suspended processes no events until it is resumed, also across a restart', async () => {
      const testHost = await bedOf({ orchestrations: { waits } });
      await testHost.client.start('waits', 's', null);
      expect(await testHost.client.suspend('s')).toBe(true);
      expect(await testHost.client.raiseEvent('s', 'Go', 'kept')).toBe(true);
      await testHost.reopen();
      expect(await testHost.client.status('s')).toMatchObject({ runtimeStatus: 'Suspended' });
      expect(await testHost.client.resume('s')).toBe(true);
      expect((await testHost.ended('s')).output).toBe('kept');
      expect([
        await testHost.client.suspend('s'),
        await testHost.client.resume('s'),
        await testHost.client.suspend('x'),
      ]).toEqual([false, false, false]);
    });

    test('continues after a restart at each of its steps', async () => {
      const main = function* (context: OrchestrationContext): TestSteps {
        const seen: unknown[] = [];
        for (let step = 0; step < 4; step++) {
          const data: unknown = yield context.df.waitForExternalEvent('Go');
          const n: number = yield context.df.callActivity('double', step);
          yield context.df.createTimer(soon(context, 1));
          seen.push([data, n]);
          context.df.setCustomStatus(`step ${step}`);
        }
        return seen;
      };
      const testHost = await bedOf({ orchestrations: { main }, activities: { double } });
      await testHost.client.start('main', 'steps', null);
      for (const step of [0, 1, 2, 3]) {
        await testHost.reopen();
        await testHost.client.raiseEvent('steps', 'Go', `go ${step}`);
        await testHost.reopen();
        await testHost.when('steps', ({ customStatus }) => customStatus === `step ${step}`);
      }
      expect((await testHost.ended('steps')).output).toEqual(
        [0, 1, 2, 3].map((step) => [`go ${step}`, step * 2]),
      );
    });

    test('runs an activity again whose outcome was not recorded', async () => {
      const first = createGate();
      const called = createGate();
      let calls = 0;
      const main = function* (context: OrchestrationContext): TestSteps {
        const n: number = yield context.df.callActivity('once');
        return n;
      };
      const once: Activity = async () => {
        calls += 1;
        called.open();
        if (calls === 1) await first.opened;
        return calls;
      };
      const testHost = await bedOf({ orchestrations: { main }, activities: { once } });
      await testHost.client.start('main', 'again', null);
      await called.opened;
      await testHost.reopen();
      expect((await testHost.ended('again')).output).toBe(2);
      first.open();
    });

    test('whose code was changed fails, and reports the difference', async () => {
      const mainOf = (name: string) =>
        function* (context: OrchestrationContext): SilentSteps {
          yield context.df.callActivity(name, 1);
          yield context.df.waitForExternalEvent('Go');
        };
      const code = (main: Orchestration): Registry => ({
        orchestrations: { main },
        activities: { double, fail },
      });
      const testHost = await bedOf({
        orchestrations: { main: mainOf('double') },
        activities: { double, fail },
      });
      await testHost.client.start('main', 'd', null);
      while ((await testHost.client.history('d'))?.length !== 5) await new Promise(setImmediate);
      await testHost.reopen(code(mainOf('fail')));
      await testHost.client.raiseEvent('d', 'Go', 1);
      const { runtimeStatus, output } = await testHost.ended('d');
      expect(runtimeStatus).toBe('Failed');
      expect(output).toContain('task 0 was activity double and is now activity fail');
    });

    test('whose code was removed fails', async () => {
      const testHost = await bedOf({ orchestrations: { waits } });
      await testHost.client.start('waits', 'gone', null);
      await testHost.reopen({ orchestrations: {}, activities: {} });
      await testHost.client.raiseEvent('gone', 'Go', 1);
      expect((await testHost.ended('gone')).output).toContain("The orchestration 'waits' is not registered");
    });
  });

  describe('the client', () => {
    test('starts an id once, in whatever state it is, and in any number of calls at once', async () => {
      const testHost = await bedOf({ orchestrations: { waits } });
      const starts = await Promise.all(
        Array.from({ length: 10 }, (_, n) => testHost.client.start('waits', 'one', n)),
      );
      expect(starts.map(({ started }) => started)).toEqual([true, ...Array(9).fill(false)]);
      expect(starts[9]?.status).toMatchObject({ instanceId: 'one', input: 0 });
      await testHost.client.terminate('one', 'done');
      await testHost.reopen();
      const again = await testHost.client.start('waits', 'one', 'x');
      expect(again).toMatchObject({ started: false, status: { runtimeStatus: 'Terminated', input: 0 } });
      expect(await testHost.client.startOver('waits', 'one', 'y')).toMatchObject({
        started: true,
        status: { input: 'y' },
      });
      expect(await testHost.client.startOver('waits', 'one', 'z')).toMatchObject({
        started: false,
        status: { input: 'y' },
      });
    });

    test('refuses unknown names and invalid ids, without effects on other instances', async () => {
      const testHost = await bedOf({ orchestrations: { waits } });
      const other = testHost.client.start('waits', 'other', null);
      await expect(testHost.client.start('toString', 'u', null)).rejects.toThrow(
        "The orchestration 'toString' is not registered",
      );
      for (const id of ['', '@x', 'a/b', 'a\\b', 'a#b', 'a?b', 'a\nb', 'x'.repeat(257)]) {
        await expect(testHost.client.start('waits', id, null)).rejects.toThrow('Instance ids must');
      }
      expect((await other).started).toBe(true);
      expect(await testHost.client.status('u')).toBeUndefined();
    });

    test('purges ended instances with their sub-orchestrations, and no running ones', async () => {
      const main = function* (context: OrchestrationContext): SilentSteps {
        yield context.df.callSubOrchestrator('child', null, `${context.df.instanceId}-child`);
      };
      const child = function* (context: OrchestrationContext): SilentSteps {
        yield context.df.callActivity('double', 1);
      };
      const testHost = await bedOf({ orchestrations: { main, child, waits }, activities: { double } });
      await testHost.run('main', null, 'a');
      await testHost.run('main', null, 'b');
      await testHost.client.start('waits', 'w', null);
      expect(await testHost.client.purge('w')).toBe(false);
      expect(await testHost.client.purge('nobody')).toBe(false);
      expect(await testHost.client.purge('a')).toBe(true);
      expect(await testHost.client.status('a-child')).toBeUndefined();
      expect(await testHost.client.history('a')).toBeUndefined();
      expect(
        await testHost.client.purgeCreated({
          createdFrom: '2000-01-01T00:00:00Z',
          createdTo: '2000-01-02T00:00:00Z',
        }),
      ).toBe(0);
      expect(await testHost.client.purgeCreated({ createdFrom: '2000-01-01T00:00:00Z' })).toBe(2);
      expect((await testHost.client.list({})).instances.map(({ instanceId }) => instanceId)).toEqual(['w']);
      expect((await testHost.client.start('main', 'a', null)).started).toBe(true);
      await testHost.ended('a');
    });
  });
});
