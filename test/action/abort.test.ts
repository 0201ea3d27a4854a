import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ActionFixture } from '../fixtures/action/action-fixture.ts';
import { runStep, startStep, type RunningStep, type StepSettings } from '../fixtures/action/step-process.ts';

/* The workflow is canceled, or the timeout is reached, before the job has ended. */

let fixture: ActionFixture;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

const running = async (inputs: StepSettings['inputs'] = {}): Promise<{ step: RunningStep; id: string }> => {
  const step = await startStep(fixture.dispatch({ inputs }));
  const { id } = await fixture.job();
  fixture.orchestrator.updateJob(id, { state: 'running' });
  await step.waitForText('running');
  return { step, id };
};

const post = (state: Record<string, string>, inputs: StepSettings['inputs'] = {}) => {
  const environment = Object.fromEntries(
    Object.entries(state).map(([name, text]) => [`STATE_${name}`, text]),
  );
  return runStep(fixture.dispatch({ phase: 'post', environment, inputs }));
};

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test('cancels the job, and the end of the workflow cancels it again', async () => {
    const { step, id } = await running({ 'reply-to': '1' });
    step.kill(signal);
    const { code, outputs, state } = await step.ended;
    expect({ code, outputs }).toMatchObject({
      code: 1,
      outputs: { 'job-id': id, state: 'running', reason: 'aborted' },
    });
    expect(fixture.orchestrator.cancels).toEqual([id]);
    expect(await post(state)).toMatchObject({ code: 0, said: expect.stringContaining(`${id} was canceled`) });
    expect(fixture.orchestrator.cancels).toEqual([id, id]);
  });

  test('lets the job continue if configured, as does the end of the workflow', async () => {
    const inputs = { 'cancel-on-abort': 'false' };
    const { step } = await running(inputs);
    step.kill(signal);
    const { code, outputs, state, said } = await step.ended;
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { state: 'running', reason: 'aborted' } });
    expect(said).toContain('continues');
    expect((await post(state, inputs)).code).toBe(0);
    expect(fixture.orchestrator.cancels).toEqual([]);
  });
});

test('the job of a step that was killed immediately is canceled at the end of the workflow', async () => {
  const { step, id } = await running();
  step.kill('SIGKILL');
  const { code, state } = await step.ended;
  expect({ code, cancels: fixture.orchestrator.cancels }).toEqual({ code: null, cancels: [] });
  expect((await post(state)).code).toBe(0);
  expect(fixture.orchestrator.cancels).toEqual([id]);
});

describe('the end of a canceled workflow', () => {
  const job = `job-${'1'.repeat(32)}`;

  test('does nothing where no job was started', async () => {
    expect(await post({})).toMatchObject({ code: 0, said: expect.not.stringContaining('job-') });
    expect(fixture.orchestrator.cancels).toEqual([]);
  });

  test('succeeds if the orchestrator does not know the job or does not respond', async () => {
    expect(await post({ [job]: 'followed' })).toMatchObject({ code: 0 });
    fixture.orchestrator.fault = 503;
    const { code, said } = await post({ [job]: 'followed' });
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('may continue') });
  });
});

describe('at the timeout', () => {
  test('the job is canceled and the step fails', async () => {
    const { step, id } = await running({ 'timeout-minutes': '0.05' });
    const { code, outputs, said, summary } = await step.ended;
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { state: 'running', reason: 'timeout' } });
    expect(fixture.orchestrator.cancels).toEqual([id]);
    const words = '`/compute 10` was canceled: the step reached its `timeout-minutes`.';
    expect(said).toContain(`::error title=Timeout::${words}`);
    expect(summary.startsWith(words)).toBe(true);
  });

  test('the job continues if configured', async () => {
    const { step } = await running({ 'timeout-minutes': '0.05', 'cancel-on-abort': 'false' });
    expect(await step.ended).toMatchObject({ code: 1, outputs: { reason: 'timeout' } });
    expect(fixture.orchestrator.cancels).toEqual([]);
  });
});

test('a job that has already ended when it is canceled reports its result', async () => {
  const { step, id } = await running();
  fixture.orchestrator.updateJob(id, { state: 'failed', reason: 'internal' });
  step.kill('SIGINT');
  expect(await step.ended).toMatchObject({ code: 1, outputs: { state: 'failed', reason: 'internal' } });
});
