import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '../../compute/client/index.ts';
import { completed, ActionFixture } from '../fixtures/action/action-fixture.ts';
import {
  runStep,
  startStep,
  type FinishedStep,
  type RunningStep,
  type StepSettings,
} from '../fixtures/action/step-process.ts';

/* The jobs of attempts of a run, of steps, and of matrix jobs. */

let fixture: ActionFixture;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

const attempt = (n: number, settings: StepSettings = {}): Promise<RunningStep> =>
  startStep(fixture.dispatch({ ...settings, environment: { GITHUB_RUN_ATTEMPT: String(n) } }));

/** The first attempt, whose job comes to this. */
const first = async (end: Partial<Job>): Promise<FinishedStep> => {
  const step = await attempt(1);
  fixture.orchestrator.updateJob((await fixture.job()).id, end);
  return step.ended;
};

describe('a second attempt', () => {
  test('continues with a job that has completed', async () => {
    const { outputs } = await first(completed);
    expect(await (await attempt(2)).ended).toMatchObject({ code: 0, outputs });
    expect(fixture.orchestrator.starts).toBe(1);
  });

  test('starts a new job after a failed one; a third attempt follows it', async () => {
    const { code, outputs } = await first({ state: 'failed', reason: 'internal' });
    expect(code).toBe(1);
    const second = await attempt(2);
    const anew = await fixture.job(2);
    expect(anew.id).not.toBe(outputs['job-id']);
    await second.waitForText('queued');
    const third = await attempt(3);
    await third.waitForText('was already started');
    fixture.orchestrator.updateJob(anew.id, completed);
    for (const step of [second, third])
      expect(await step.ended).toMatchObject({ code: 0, outputs: { 'job-id': anew.id } });
    expect(fixture.orchestrator.starts).toBe(2);
  });

  test.each(['waiting', 'running'] as const)('follows one that is %s', async (state) => {
    const step = await attempt(1, { inputs: { wait: 'false' } });
    const { id } = await fixture.job();
    await step.ended;
    fixture.orchestrator.updateJob(id, { state });
    const again = await attempt(2);
    await again.waitForText('was already started');
    fixture.orchestrator.updateJob(id, completed);
    expect(await again.ended).toMatchObject({ code: 0, outputs: { 'job-id': id } });
    expect(fixture.orchestrator.starts).toBe(1);
  });

  test('is checked against the current policy', async () => {
    await first(completed);
    fixture.github.permissions.clear();
    expect(await (await attempt(2)).ended).toMatchObject({ code: 1, outputs: { state: 'refused' } });
  });
});

describe('the same command', () => {
  const started = async (...settings: StepSettings[]): Promise<(string | undefined)[]> => {
    const all = settings.map(({ inputs, environment }) =>
      runStep(
        fixture.dispatch({ inputs: { wait: 'false', ...inputs }, ...(environment ? { environment } : {}) }),
      ),
    );
    return (await Promise.all(all)).map(({ outputs }) => outputs['job-id']);
  };

  test('in two steps, workflow jobs, runs or matrix jobs starts a job each', async () => {
    const ids = await started(
      {},
      { environment: { GITHUB_ACTION: '__self_2' } },
      { environment: { GITHUB_JOB: 'other' } },
      { environment: { GITHUB_RUN_ID: '9002' } },
      { inputs: { 'idempotency-key': '1' } },
      { inputs: { 'idempotency-key': '2' } },
    );
    expect(new Set(ids).size).toBe(6);
  });

  test('of a workflow or composite action that is called twice is an error in the second call, also in re-runs', async () => {
    const call = (execution: string, attempt: number) =>
      runStep({
        ...fixture.dispatch({
          inputs: { wait: 'false' },
          environment: { GITHUB_RUN_ATTEMPT: String(attempt) },
        }),
        execution,
      });
    const a = await call('aaaaaaaa-5b8e-4c3f-9d43-2f6f0a4b1c01', 1);
    const b = await call('bbbbbbbb-5b8e-4c3f-9d43-2f6f0a4b1c02', 1);
    fixture.orchestrator.updateJob(a.outputs['job-id'] ?? '', completed);
    const again = await call('bbbbbbbb-5b8e-4c3f-9d43-2f6f0a4b1c03', 2);
    expect([a.code, b.code, again.code]).toEqual([0, 1, 1]);
    for (const { outputs, said } of [b, again]) {
      expect(outputs).toMatchObject({ state: 'refused', reason: 'called-twice' });
      expect(said).toContain('idempotency-key');
    }
    expect(fixture.orchestrator.starts).toBe(1);
  });

  test('of a runner without summaries still starts a job', async () => {
    const environment = { GITHUB_STEP_SUMMARY: '' };
    const { code } = await runStep(fixture.dispatch({ inputs: { wait: 'false' }, environment }));
    expect({ code, starts: fixture.orchestrator.starts }).toEqual({ code: 0, starts: 1 });
  });

  test('of two calls with different keys starts a job each', async () => {
    const ids = await Promise.all(
      ['1', '2'].map((key) =>
        runStep({
          ...fixture.dispatch({ inputs: { wait: 'false', 'idempotency-key': key } }),
          execution: `${key.repeat(8)}-5b8e-4c3f-9d43-2f6f0a4b1c01`,
        }),
      ),
    );
    expect(new Set(ids.map(({ outputs }) => outputs['job-id'])).size).toBe(2);
  });

  test('of one step, at the same time, is one job', async () => {
    const ids = await started({}, {});
    expect(new Set(ids).size).toBe(1);
    expect(fixture.orchestrator.starts).toBe(1);
  });
});
