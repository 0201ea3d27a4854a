import { describe, expect, test } from '@jest/globals';
import { waitUntil } from '../fixtures/wait-until.ts';
import { ActionFixture } from '../fixtures/action/action-fixture.ts';
import { runStep, startStep, type FinishedStep, type StepSettings } from '../fixtures/action/step-process.ts';

/*
 * If GitHub or the orchestrator does not respond, the step still ends in time and leaves no job behind. The tests run concurrently,
 * because they mostly wait.
 */

/** A test with a scene of its own. */
const scene = (name: string, work: (play: ActionFixture) => Promise<void>): void =>
  test.concurrent(
    name,
    async () => {
      const play = await new ActionFixture().open();
      try {
        await work(play);
      } finally {
        await play.close();
      }
    },
    30_000,
  );

const post = (play: ActionFixture, { state }: FinishedStep): Promise<FinishedStep> => {
  const kept = Object.entries(state).map(([name, text]): [string, string] => [`STATE_${name}`, text]);
  return runStep(play.dispatch({ phase: 'post', environment: Object.fromEntries(kept) }));
};

const asked = (play: ActionFixture, more: StepSettings = {}): StepSettings =>
  play.comment(play.github.addComment('/compute 10'), more);

const soon = { 'timeout-minutes': '0.05' };

describe('a start without a response', () => {
  const held = async (play: ActionFixture, signal: NodeJS.Signals) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    play.orchestrator.starting = promise;
    const step = await startStep(asked(play));
    await waitUntil('the start', () => play.orchestrator.startRequests === 1);
    step.kill(signal);
    const ended = await step.ended;
    resolve();
    return { ended, id: (await play.job()).id };
  };

  scene('is canceled at the end of the workflow', async (play) => {
    const { ended, id } = await held(play, 'SIGKILL');
    expect((await post(play, ended)).code).toBe(0);
    expect(play.orchestrator.cancels).toEqual([id]);
  });

  scene('is canceled by the step if possible, and again at the end of the workflow', async (play) => {
    const { ended, id } = await held(play, 'SIGINT');
    expect(ended).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'aborted' } });
    expect(ended.said).toContain(`${id} was not found`);
    expect((await post(play, ended)).said).toContain(`${id} was canceled`);
    expect(play.orchestrator.cancels).toEqual([id, id]);
  });
});

describe('if GitHub never responds', () => {
  scene('a workflow still ends', async (play) => {
    play.github.creating = new Promise(() => {});
    const inputs = { ...soon, 'reply-to': '1' };
    const { code, outputs } = await runStep(play.dispatch({ inputs }));
    const { id } = await play.job();
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { 'job-id': id, reason: 'timeout' } });
    expect(play.orchestrator.cancels).toEqual([id]);
  });

  scene('a comment’s run still ends', async (play) => {
    play.github.creating = new Promise(() => {});
    const { code, outputs } = await runStep(asked(play, { inputs: soon }));
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'timeout' } });
    expect(play.orchestrator.cancels).toEqual([(await play.job()).id]);
  });
});

scene('the jobs of a comment whose reply GitHub refuses are canceled, too', async (play) => {
  play.github.fail(/POST .*comments/, 502, 'Bad Gateway');
  const step = await startStep(asked(play));
  await step.waitForText('Bad Gateway');
  step.kill('SIGINT');
  expect(await step.ended).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'aborted' } });
  expect(play.orchestrator.cancels).toEqual([(await play.job()).id]);
});

describe('an unreachable orchestrator', () => {
  scene('at the timeout: the last known state of the job is reported', async (play) => {
    const step = await startStep(play.dispatch({ inputs: { 'timeout-minutes': '0.1' } }));
    const { id } = await play.job();
    await step.waitForText('queued');
    play.orchestrator.fault = 503;
    const { code, outputs, said } = await step.ended;
    const told = { 'job-id': id, state: 'queued', reason: 'timeout' };
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: told });
    expect(said).toContain('could not be canceled and may continue');
  });

  scene('at the end of a canceled workflow: the cancellation is retried', async (play) => {
    const step = await startStep(play.dispatch());
    await step.waitForText('queued');
    step.kill('SIGKILL');
    const ended = await step.ended;
    const { id } = await play.job();
    play.orchestrator.fault = 503;
    const after = post(play, ended);
    await waitUntil('a call', () => play.orchestrator.faults > 0);
    play.orchestrator.fault = undefined;
    expect((await after).said).toContain(`${id} was canceled`);
  });
});
