import { describe, expect, test } from '@jest/globals';
import { waitUntil } from '../fixtures/wait-until.ts';
import { ActionFixture } from '../fixtures/action/action-fixture.ts';
import { runStep, startStep, type FinishedStep, type StepSettings } from '../fixtures/action/step-process.ts';

/*
 * The step has to end while GitHub or the orchestrator does not answer: it ends, and leaves no job to itself. All at once, for
 * most of the time here is waited.
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
  play.comment(play.github.comment('/compute 10'), more);

const soon = { 'timeout-minutes': '0.05' };

describe('a start that nobody has heard of', () => {
  const held = async (play: ActionFixture, signal: NodeJS.Signals) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    play.orchestrator.starting = promise;
    const step = await startStep(asked(play));
    await waitUntil('the start', () => play.orchestrator.asked === 1);
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

  scene('is canceled by a step that can, and at the end of the workflow once more', async (play) => {
    const { ended, id } = await held(play, 'SIGINT');
    expect(ended).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'aborted' } });
    expect(ended.said).toContain(`${id} was not found`);
    expect((await post(play, ended)).said).toContain(`${id} was canceled`);
    expect(play.orchestrator.cancels).toEqual([id, id]);
  });
});

describe('a GitHub that never answers', () => {
  scene('keeps no workflow from its end', async (play) => {
    play.github.creating = new Promise(() => {});
    const inputs = { ...soon, 'reply-to': '1' };
    const { code, outputs } = await runStep(play.dispatch({ inputs }));
    const { id } = await play.job();
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { 'job-id': id, reason: 'timeout' } });
    expect(play.orchestrator.cancels).toEqual([id]);
  });

  scene('keeps no comment from its end', async (play) => {
    play.github.creating = new Promise(() => {});
    const { code, outputs } = await runStep(asked(play, { inputs: soon }));
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'timeout' } });
    expect(play.orchestrator.cancels).toEqual([(await play.job()).id]);
  });
});

scene('a comment whose reply GitHub does not take is canceled as others are', async (play) => {
  play.github.fail(/POST .*comments/, 502, 'Bad Gateway');
  const step = await startStep(asked(play));
  await step.waitForText('Bad Gateway');
  step.kill('SIGINT');
  expect(await step.ended).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'aborted' } });
  expect(play.orchestrator.cancels).toEqual([(await play.job()).id]);
});

describe('an orchestrator that is away', () => {
  scene('when the time is up: the last that was seen of the job is told', async (play) => {
    const step = await startStep(play.dispatch({ inputs: { 'timeout-minutes': '0.1' } }));
    const { id } = await play.job();
    await step.waitForText('queued');
    play.orchestrator.fault = 503;
    const { code, outputs, said } = await step.ended;
    const told = { 'job-id': id, state: 'queued', reason: 'timeout' };
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: told });
    expect(said).toContain('could not be canceled and may continue');
  });

  scene('at the end of a canceled workflow: it is tried again', async (play) => {
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
