import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '../../compute/client/index.ts';
import { GitHubStandIn } from '../bot/stand-ins/github.ts';
import { OrchestratorStandIn } from '../bot/stand-ins/orchestrator.ts';
import { until } from '../bot/stand-ins/until.ts';
import { commandsIn, runStep, startStep, type RunningStep, type StepSettings } from './step.ts';

let orchestrator: OrchestratorStandIn;
let github: GitHubStandIn;

beforeEach(async () => {
  [orchestrator, github] = await Promise.all([new OrchestratorStandIn().open(), new GitHubStandIn().open()]);
  github.permissions.set('mona', { permission: 'write', role_name: 'write' });
});

afterEach(() => Promise.all([orchestrator.close(), github.close()]));

const settings = (more: StepSettings = {}): StepSettings => ({
  ...more,
  inputs: {
    compute: '10',
    'orchestrator-url': `${orchestrator.url}/`,
    'orchestrator-key': orchestrator.key,
    ...more.inputs,
  },
  environment: { GITHUB_API_URL: github.url, ...more.environment },
});

const startedJob = (): Promise<Job> => until('a job', () => [...orchestrator.jobs.values()][0]);

const ending: Partial<Job> = {
  state: 'completed',
  startedAt: '2026-03-01T12:00:00Z',
  progress: { done: 10, failed: 0, total: 10, workers: null },
  result: { pi: 3.14 },
  links: {
    manifest: { path: 'result/x/manifest.jsonl', url: 'https://blobs.example.com/result/m?sig=geheim' },
    outputs: { path: 'result/x/outputs.jsonl', url: 'https://blobs.example.com/result/o?sig=geheim' },
  },
};

describe('a job from a dispatch', () => {
  test('is started, followed to its end and reported', async () => {
    const step = await startStep(settings());
    const { id, origin } = await startedJob();
    expect(origin.sender).toBe('mona');
    orchestrator.move(id, ending);
    const { code, said, outputs, state, summary } = await step.ended;
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('completed') });
    expect(outputs).toMatchObject({
      'job-id': id,
      state: 'completed',
      reason: '',
      'exit-code': '',
      'output-url': 'https://blobs.example.com/result/o',
      'manifest-url': 'https://blobs.example.com/result/m',
      succeeded: '10',
      failed: '0',
    });
    expect(JSON.parse(outputs['result'] ?? '')).toMatchObject({ v: 1, id, result: { pi: 3.14 } });
    expect(state).toEqual({ [id]: 'followed' });
    expect(summary).toContain('**`/compute 10`** completed');
    expect(said + summary + JSON.stringify(outputs)).not.toContain('geheim');
    expect(said.indexOf(`::add-mask::${orchestrator.key}`)).toBeGreaterThanOrEqual(0);
    expect(said.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(orchestrator.key);
  });

  test('that fails makes the step fail, and says why', async () => {
    const step = await startStep(settings());
    const { id } = await startedJob();
    const failures = [{ block: 3, code: 'exec', message: 'no\n::set-output name=state::completed' }];
    orchestrator.move(id, { state: 'failed', reason: 'all-blocks-failed', failures });
    const { code, outputs, said } = await step.ended;
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ state: 'failed', reason: 'all-blocks-failed' });
    expect(commandsIn(said).join('\n')).toContain('::error title=The job ended%3A all-blocks-failed::');
    expect(commandsIn(said).some((line) => line.startsWith('::set-output'))).toBe(false);
  });

  test('that waits ends the step well', async () => {
    const step = await startStep(settings());
    const { id } = await startedJob();
    const waiting: Job['waiting'] = {
      for: 'lock',
      scope: 'github.com/501',
      key: 'a',
      slots: 1,
      holders: [],
      ahead: 0,
    };
    orchestrator.move(id, { state: 'waiting', waiting });
    const { code, outputs, state } = await step.ended;
    expect({ code, state: outputs['state'], kept: state[id] }).toEqual({
      code: 0,
      state: 'waiting',
      kept: '',
    });
  });

  test('is not waited for if nobody wants to', async () => {
    const { code, outputs, state } = await runStep(settings({ inputs: { wait: 'false' } }));
    expect({ code, state }).toEqual({ code: 0, state: {} });
    expect(outputs).toMatchObject({ state: 'queued', 'job-id': expect.stringMatching(/^job-/) });
  });

  test('tells of itself in a thread', async () => {
    const step = await startStep(settings({ inputs: { 'reply-to': '1' } }));
    const { id } = await startedJob();
    orchestrator.move(id, ending);
    const { outputs } = await step.ended;
    const [reply, more] = github.comments;
    expect(reply?.body).toContain('completed');
    expect(more).toBeUndefined();
    expect(outputs['reply-url']).toBe(`https://github.com/acme/ops/issues/1#issuecomment-${reply?.id}`);
  });
});

describe('a second attempt', () => {
  const attempt = (n: number): Promise<RunningStep> =>
    startStep(settings({ environment: { GITHUB_RUN_ATTEMPT: String(n) } }));

  const first = async (end: Partial<Job>): Promise<string> => {
    const step = await attempt(1);
    const { id } = await startedJob();
    orchestrator.move(id, end);
    return (await step.ended).outputs['job-id'] ?? '';
  };

  test('goes on with a job that has completed', async () => {
    const id = await first(ending);
    const { code, outputs } = await (await attempt(2)).ended;
    expect({ code, id: outputs['job-id'], starts: orchestrator.starts }).toEqual({ code: 0, id, starts: 1 });
  });

  test('starts anew after one that failed', async () => {
    const id = await first({ state: 'failed', reason: 'internal' });
    const step = await attempt(2);
    const anew = await until('a second job', () => [...orchestrator.jobs.values()][1]);
    expect(anew.id).not.toBe(id);
    orchestrator.move(anew.id, ending);
    expect((await step.ended).code).toBe(0);
  });
});

describe('whoever may not, and what is not there', () => {
  test('is refused in words', async () => {
    github.permissions.set('mona', { permission: 'read', role_name: 'read' });
    const { code, outputs, said, summary } = await runStep(settings());
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ state: 'refused' });
    expect(orchestrator.asked).toBe(0);
    expect(commandsIn(said).join('\n')).toContain('::error title=Coxswain refuses::');
    expect(summary).not.toBe('');
  });

  test('somebody else starts the run again, and is asked for', async () => {
    const environment = { GITHUB_RUN_ATTEMPT: '2', GITHUB_TRIGGERING_ACTOR: 'eve' };
    const { code, outputs } = await runStep(settings({ environment }));
    expect({ code, state: outputs['state'] }).toEqual({ code: 1, state: 'refused' });
    expect(github.calls.map(({ path }) => path)).toContain('/repos/acme/ops/collaborators/eve/permission');
  });

  test('a schedule may do nothing unless the policy names it', async () => {
    const { code, outputs } = await runStep(settings({ environment: { GITHUB_EVENT_NAME: 'schedule' } }));
    expect({ code, state: outputs['state'] }).toEqual({ code: 1, state: 'refused' });
    expect(orchestrator.asked).toBe(0);
  });
});

describe('the orchestrator', () => {
  test('is asked again when it comes back', async () => {
    orchestrator.fault = 503;
    const step = await startStep(settings());
    await step.says('503');
    orchestrator.fault = undefined;
    const { id } = await startedJob();
    orchestrator.move(id, ending);
    expect((await step.ended).code).toBe(0);
    expect(orchestrator.starts).toBe(1);
  });

  test('that stays away until the time is up is no end of a job', async () => {
    orchestrator.fault = 503;
    const { code, outputs } = await runStep(settings({ inputs: { 'timeout-minutes': '0.01' } }));
    expect({ code, outputs }).toEqual({ code: 1, outputs: { state: 'error', reason: 'timeout' } });
  });

  test('that does not know the key is not asked again', async () => {
    const { code, outputs, said } = await runStep(settings({ inputs: { 'orchestrator-key': 'another' } }));
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'fault' } });
    expect(commandsIn(said).join('\n')).toContain('401');
  });
});

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  const cancels = (): number => orchestrator.cancels.length;

  test('cancels the job', async () => {
    const step = await startStep(settings());
    const { id } = await startedJob();
    await step.says('queued');
    step.kill(signal);
    const { code, outputs } = await step.ended;
    expect({ code, reason: outputs['reason'], cancels: orchestrator.cancels }).toEqual({
      code: 1,
      reason: 'aborted',
      cancels: [id],
    });
  });

  test('leaves the job if it is to', async () => {
    const step = await startStep(settings({ inputs: { 'cancel-on-abort': 'false' } }));
    await startedJob();
    await step.says('queued');
    step.kill(signal);
    expect((await step.ended).code).toBe(1);
    expect(cancels()).toBe(0);
  });
});

describe('after a canceled workflow', () => {
  const job = `job-${'1'.repeat(32)}`;

  test('the job is canceled', async () => {
    orchestrator.add({ id: job });
    const environment = { GITHUB_API_URL: github.url, [`STATE_${job}`]: 'followed' };
    const { code, said } = await runStep(settings({ phase: 'post', environment }));
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining(`${job}: accepted`) });
    expect(orchestrator.cancels).toEqual([job]);
  });

  test.each([
    ['it is to be left', { [`STATE_${job}`]: 'followed' }, 'false'],
    ['none was started', {}, 'true'],
  ])('nothing is done if %s', async (_, environment, cancelOnAbort) => {
    const inputs = { 'cancel-on-abort': cancelOnAbort };
    const { code } = await runStep(settings({ phase: 'post', environment, inputs }));
    expect({ code, cancels: orchestrator.cancels }).toEqual({ code: 0, cancels: [] });
  });
});
