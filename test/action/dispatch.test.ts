import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '../../compute/client/index.ts';
import { ActionFixture } from '../fixtures/action/action-fixture.ts';
import { renderTaskFiles } from '../../chatops/reply/task-files.ts';
import { taskFiles } from '../fixtures/jobs.ts';
import { findCommands, runStep, startStep } from '../fixtures/action/step-process.ts';

let fixture: ActionFixture;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

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
    const step = await startStep(fixture.dispatch());
    const { id, origin } = await fixture.job();
    expect(origin.sender).toBe('mona');
    fixture.orchestrator.updateJob(id, ending);
    const { code, said, outputs, state, summary } = await step.ended;
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('completed') });
    expect(outputs).toMatchObject({
      'job-id': id,
      state: 'completed',
      reason: '',
      'exit-code': '',
      'output-url': 'https://blobs.example.com/result/o',
      'manifest-url': 'https://blobs.example.com/result/m',
      outputs: '[]',
      succeeded: '10',
      failed: '0',
    });
    expect(JSON.parse(outputs['result'] ?? '')).toMatchObject({ v: 1, id, result: { pi: 3.14 } });
    expect(state).toEqual({ [id]: 'followed' });
    expect(summary).toContain('**`/compute 10`** completed');
    expect(said + summary + JSON.stringify(outputs)).not.toContain('geheim');
    expect(said.indexOf(`::add-mask::${fixture.orchestrator.key}`)).toBeGreaterThanOrEqual(0);
    expect(said.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(fixture.orchestrator.key);
  });

  test('that fails makes the step fail with the reason', async () => {
    const step = await startStep(fixture.dispatch());
    const { id } = await fixture.job();
    const failures = [{ block: 3, code: 'exec', message: 'no\n::set-output name=state::completed' }];
    fixture.orchestrator.updateJob(id, { state: 'failed', reason: 'all-blocks-failed', failures });
    const { code, outputs, said } = await step.ended;
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ state: 'failed', reason: 'all-blocks-failed' });
    expect(findCommands(said).join('\n')).toContain('::error title=The job ended%3A all-blocks-failed::');
    expect(findCommands(said).some((line) => line.startsWith('::set-output'))).toBe(false);
  });

  test('that delivered files: they are listed without signatures, and the summary shows the same as a reply', async () => {
    const step = await startStep(fixture.dispatch());
    const { id } = await fixture.job();
    const files = taskFiles(
      { 'by-day.csv': 12, 'chart.png': 34, 'summary.md': 56 },
      {
        summary:
          '# Sales\n\n[a page](https://example.org/?a=1&amp;b=2) &copy; <https://example.org> @mona http://a.de',
        tables: [{ name: 'by-day.csv', header: ['day'], rows: [['1'], ['::error::no']], truncated: true }],
      },
    );
    fixture.orchestrator.updateJob(id, { ...ending, kind: 'task', files });
    const { outputs, said, summary } = await step.ended;
    const list: unknown[] = JSON.parse(outputs['outputs'] ?? '');
    expect(list).toHaveLength(3);
    expect(list[0]).toEqual({
      name: 'by-day.csv',
      bytes: 12,
      type: 'text/csv; charset=utf-8',
      sha256: '0'.repeat(64),
      url: expect.stringMatching(/^https:\/\/crew\.blob\.core\.windows\.net\/run\/job-\w+\/files\/00$/),
    });
    const shown = renderTaskFiles({ id, files }, { isPublic: true, maxLength: 100_000 });
    expect(summary).toContain(shown.join('\n\n'));
    expect(said + summary + JSON.stringify(outputs)).not.toMatch(/sig=|geheim/);
  });

  test('that waits lets the step succeed', async () => {
    const step = await startStep(fixture.dispatch());
    const { id } = await fixture.job();
    const waiting: Job['waiting'] = {
      for: 'lock',
      scope: 'play.github.com/501',
      key: 'a',
      slots: 1,
      holders: [],
      ahead: 0,
    };
    fixture.orchestrator.updateJob(id, { state: 'waiting', waiting });
    const { code, outputs, state } = await step.ended;
    expect({ code, state: outputs['state'], kept: state[id] }).toEqual({
      code: 0,
      state: 'waiting',
      kept: '',
    });
  });

  test('is not followed without wait', async () => {
    const { code, outputs, state } = await runStep(fixture.dispatch({ inputs: { wait: 'false' } }));
    expect({ code, state }).toEqual({ code: 0, state: {} });
    expect(outputs).toMatchObject({ state: 'queued', 'job-id': expect.stringMatching(/^job-/) });
  });
});

describe('an error has a remedy', () => {
  test('an address without an orchestrator', async () => {
    const inputs = { 'orchestrator-url': fixture.github.url };
    const { said } = await runStep(fixture.dispatch({ inputs }));
    expect(findCommands(said).join('\n')).toMatch(/Coxswain failed.*The input orchestrator-url, "http.*"/);
  });

  test('a token that GitHub does not know', async () => {
    fixture.github.fail(/./, 401, 'Bad credentials');
    const { said } = await runStep(fixture.dispatch());
    expect(findCommands(said).join('\n')).toMatch(/Bad credentials.*github-token/);
  });
});

describe('an unauthorized user', () => {
  test('is refused with an explanation', async () => {
    fixture.github.permissions.set('mona', { permission: 'read', role_name: 'read' });
    const { code, outputs, said, summary } = await runStep(fixture.dispatch());
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ state: 'refused' });
    expect(fixture.orchestrator.startRequests).toBe(0);
    expect(findCommands(said).join('\n')).toContain('::error title=Command refused::');
    expect(summary).not.toBe('');
  });
});

describe('the orchestrator', () => {
  test('is called again when it is reachable', async () => {
    fixture.orchestrator.fault = 503;
    const step = await startStep(fixture.dispatch());
    await step.waitForText('503');
    fixture.orchestrator.fault = undefined;
    const { id } = await fixture.job();
    fixture.orchestrator.updateJob(id, ending);
    expect((await step.ended).code).toBe(0);
    expect(fixture.orchestrator.starts).toBe(1);
  });

  test('that is unreachable until the timeout does not end the job', async () => {
    fixture.orchestrator.fault = 503;
    const { code, outputs } = await runStep(fixture.dispatch({ inputs: { 'timeout-minutes': '0.01' } }));
    expect({ code, outputs }).toEqual({ code: 1, outputs: { state: 'error', reason: 'timeout' } });
  });

  test('that does not know the key is not called again', async () => {
    const { code, outputs, said } = await runStep(
      fixture.dispatch({ inputs: { 'orchestrator-key': 'another' } }),
    );
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'fault' } });
    expect(findCommands(said).join('\n')).toContain('401');
  });
});
