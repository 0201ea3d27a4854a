import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Job } from '../../compute/client/index.ts';
import { ActionFixture } from '../fixtures/action/action-fixture.ts';
import { findCommands, startStep, type FinishedStep } from '../fixtures/action/step-process.ts';

/* The text of a task or a result is never a command. */

let fixture: ActionFixture;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

const ended = async (change: Partial<Job>): Promise<FinishedStep> => {
  const step = await startStep(fixture.dispatch());
  const { id } = await fixture.job();
  fixture.orchestrator.logs.set(id, evil);
  fixture.orchestrator.updateJob(id, change);
  return step.ended;
};

const evil = [
  '::set-output name=state::completed',
  '::add-mask::completed',
  '  ::error::mine',
  '##[error]mine',
  '::stop-commands::x',
  '::x::',
  '::endgroup::',
  'https://blobs.example.com/x?sig=geheim',
  'the end',
].join('\n');

test('a log sets no output', async () => {
  const result = { exitCode: 3, signal: null, timedOut: false, logTail: evil };
  const { code, said, outputs } = await ended({
    kind: 'task',
    state: 'failed',
    reason: 'script-failed',
    result,
  });
  expect(said).toContain('::error::mine');
  expect(said).not.toContain('geheim');
  expect(
    findCommands(said).filter((line) => /mine|name=state|mask::completed/.test(line.slice(0, 40))),
  ).toEqual([]);
  expect({ code, outputs }).toMatchObject({ code: 1, outputs: { 'exit-code': '3', state: 'failed' } });
  expect(findCommands(said).filter((line) => line === '::endgroup::')).toHaveLength(
    findCommands(said).filter((line) => line.startsWith('::group::')).length,
  );
});

test.each([
  ['a failed task', 'failed', 9, false],
  ['a completed task with a short log', 'completed', 5, false],
  ['a completed task with a long log', 'completed', 6, true],
] as const)('the log of %s is %s, %d lines long, and collapsed: %s', async (_, state, lines, isCollapsed) => {
  const step = await startStep(fixture.dispatch());
  const { id } = await fixture.job();
  fixture.orchestrator.logs.set(id, 'some line\n'.repeat(lines));
  const result = {
    exitCode: Number(state === 'failed'),
    signal: null,
    timedOut: false,
    logTail: 'some line\n',
  };
  fixture.orchestrator.updateJob(id, { kind: 'task', state, result });
  const { said } = await step.ended;
  expect(said.match(/^some line$/gm)).toHaveLength(lines);
  expect(said.includes('::group::Log of')).toBe(isCollapsed);
  expect(/^Log of .*:$/m.test(said)).toBe(!isCollapsed);
});

test('a result sets no output', async () => {
  const { said, outputs } = await ended({ state: 'completed', result: { text: evil } });
  expect(findCommands(said).filter((line) => line.includes('mine'))).toEqual([]);
  expect(JSON.parse(outputs['result'] ?? '')).toMatchObject({ result: { text: evil } });
});

test('a result that is too large is linked', async () => {
  const url = 'https://blobs.example.com/result.json?sig=geheim';
  const links = { result: { path: 'result/x/result.json', url } };
  const { outputs } = await ended({ state: 'completed', result: 'x'.repeat(70_000), links });
  expect(JSON.parse(outputs['result'] ?? '')).toEqual({
    v: 1,
    truncated: true,
    url: 'https://blobs.example.com/result.json',
  });
});
