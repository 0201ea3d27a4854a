import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { OrchestrationContext } from 'durable-functions';
import { orchestrations } from '../../../.ci/histories/orchestrations.ts';
import { record } from '../../../.ci/histories/record.ts';
import { folders, type RecordedInstance, type Recording } from '../../../.ci/histories/recorded.ts';
import { findDifference, readRecordings } from '../../../.ci/histories/replay.ts';
import { scenarios } from '../../../.ci/histories/scenarios.ts';
import type { Orchestration, Steps } from '../../../compute/orchestrator/durable.ts';
import { ActionReplay } from '../../../local/durable-host/hosted/action-replay.ts';
import { readState } from '../../../local/durable-host/hosted/orchestrator-state.ts';
import { createTrigger } from '../../../local/durable-host/hosted/trigger.ts';
import type { HistoryEvent } from '../../../local/durable-host/durable-host.ts';
import { invokeWithSdk } from '../../fixtures/hosted-app.ts';

/*
 * Histories that the last release and older versions of the orchestrations recorded, each with the decisions of its episodes: the tasks
 * that were scheduled, with their inputs and times, the timers that were canceled, the custom status and the end. An orchestration that
 * is running when the orchestrator is updated is replayed by the new code, so the new code has to make the same decisions at each step.
 */

const last = await readRecordings(folders.last);
const older = await readRecordings(folders.older);
const files = [...last, ...older].map(({ path, recording }) => [path, recording] as const);
const instancesOf = (recordings: typeof last) => recordings.flatMap(({ recording }) => recording.instances);

test('the last release has recorded each orchestration, running and ended', () => {
  const instances = instancesOf(last);
  const isRunning = ({ episodes }: RecordedInstance) => episodes.at(-1)?.decisions.end === null;
  const names = (running: boolean) =>
    new Set(instances.filter((instance) => isRunning(instance) === running).map(({ name }) => name));
  expect([...names(false)].toSorted()).toEqual(Object.keys(orchestrations).toSorted());
  expect([...names(true)].toSorted()).toEqual(['ComputeBatch', 'ComputeOrchestrator', 'TaskOrchestrator']);
  expect(last.map(({ path }) => path)).toEqual(
    Object.keys(scenarios)
      .toSorted()
      .map((name) => `${folders.last}/${name}.json`),
  );
});

test.each(files)('%s replays at each step to the recorded decisions', (_, recording) => {
  expect(recording.instances.length).toBeGreaterThan(0);
  expect(findDifference(orchestrations, recording)).toBeUndefined();
});

/** Returns what the Durable Functions extension would schedule in an episode: ids, names and inputs. */
const scheduleAsExtension = async (instance: RecordedInstance, at: number): Promise<object[]> => {
  const toEvent = (event: object) => ({ EventId: -1, IsPlayed: false, ...event }) as HistoryEvent;
  const past = instance.episodes.slice(0, at).flatMap(({ history }) => history.map(toEvent));
  const events = (instance.episodes[at]?.history ?? []).map(toEvent);
  const news = events.filter(({ EventId }) => EventId === -1);
  const row = { id: instance.instanceId, input: JSON.stringify(instance.input), parent: null };
  const invoke = invokeWithSdk(orchestrations[instance.name] as Orchestration);
  const state = await readState(invoke(createTrigger(row, past, news)));
  const { scheduled } = new ActionReplay(state.actions[0]).play([...past, ...news]);
  return scheduled.map(withoutTime);
};

/** The extension's last timer of a retry is due at once. */
const withoutTime = (task: object): object => {
  const { due: _, ...rest } = JSON.parse(JSON.stringify(task)) as { due?: number };
  return rest;
};

test.each(files)('%s replays to the same tasks in the extension', async (_, { instances }) => {
  for (const instance of instances)
    for (const [at, { decisions }] of instance.episodes.entries())
      expect({ instance: instance.instanceId, at, tasks: await scheduleAsExtension(instance, at) }).toEqual({
        instance: instance.instanceId,
        at,
        tasks: decisions.scheduled.map(withoutTime),
      });
});

test('a scenario always gives the same recording', async () => {
  const recording = await record(scenarios['approval'] as (typeof scenarios)[string]);
  expect(await record(scenarios['approval'] as (typeof scenarios)[string])).toEqual(recording);
  expect(findDifference(orchestrations, recording)).toBeUndefined();
});

describe('a change without a new revision is found', () => {
  const task = orchestrations['TaskOrchestrator'] as Orchestration;
  const recording = last.find(({ path }) => path.endsWith('task.json'))?.recording as Recording;
  const find = (changed: Orchestration) =>
    findDifference({ ...orchestrations, TaskOrchestrator: changed }, recording);

  test('another activity before the others', () => {
    const changed = function* (context: OrchestrationContext): Steps<unknown> {
      yield context.df.callActivity('Extra');
      return yield* task(context);
    };
    expect(find(changed)).toMatch(
      /^TaskOrchestrator job-0+1, episode 0: scheduled was .*LaunchRunner.* is now .*Extra/,
    );
  });

  test('another activity at the end', () => {
    const changed = function* (context: OrchestrationContext): Steps<unknown> {
      const output = yield* task(context);
      yield context.df.callActivity('Extra');
      return output;
    };
    expect(find(changed)).toMatch(/episode 6: scheduled was \[\] and is now .*Extra/);
  });

  test('another custom status', () => {
    const changed = function* (context: OrchestrationContext): Steps<unknown> {
      const steps = task(context);
      context.df.setCustomStatus('new');
      return yield* steps;
    };
    const silenced = function* (context: OrchestrationContext): Steps<unknown> {
      context.df.setCustomStatus = () => {};
      return yield* task(context);
    };
    expect(find(changed)).toBeUndefined();
    expect(find(silenced)).toMatch(/episode 0: customStatus was .* and is now null/);
  });

  test('but not a change for jobs of a new revision only', () => {
    const changed = function* (context: OrchestrationContext): Steps<unknown> {
      if (context.df.getInput<{ revision?: number }>().revision === 3) yield context.df.callActivity('Extra');
      return yield* task(context);
    };
    expect(find(changed)).toBeUndefined();
  });

  test('by the command that the release runs, which names the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'histories-'));
    try {
      const changed = JSON.stringify(recording).replaceAll('InspectRunner', 'AskRunner');
      await writeFile(join(folder, 'changed.json'), changed);
      const run = promisify(execFile);
      const failed = await run(process.execPath, ['.ci/histories.ts', '--check', folder]).catch(
        (error: unknown) => error as { code: number; stdout: string },
      );
      expect(failed).toMatchObject({ code: 1 });
      expect(failed.stdout).toContain(`${join(folder, 'changed.json')}: TaskOrchestrator job-`);
      expect(failed.stdout).toMatch(/episode \d+: .*AskRunner.*InspectRunner/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
