import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Job } from '../../compute/client/index.ts';
import { Play } from '../fixtures/action/action-fixture.ts';
import { commandsIn, startStep, type Ended } from '../fixtures/action/step-process.ts';

/* What a task or a result says is nobody's command. */

let play: Play;

beforeEach(async () => {
  play = await new Play().open();
});
afterEach(() => play.close());

const ended = async (change: Partial<Job>): Promise<Ended> => {
  const step = await startStep(play.dispatch());
  const { id } = await play.job();
  play.orchestrator.logs.set(id, evil);
  play.orchestrator.move(id, change);
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
    commandsIn(said).filter((line) => /mine|name=state|mask::completed/.test(line.slice(0, 40))),
  ).toEqual([]);
  expect({ code, outputs }).toMatchObject({ code: 1, outputs: { 'exit-code': '3', state: 'failed' } });
  expect(commandsIn(said).filter((line) => line === '::endgroup::')).toHaveLength(
    commandsIn(said).filter((line) => line.startsWith('::group::')).length,
  );
});

test('a result sets no output', async () => {
  const { said, outputs } = await ended({ state: 'completed', result: { text: evil } });
  expect(commandsIn(said).filter((line) => line.includes('mine'))).toEqual([]);
  expect(JSON.parse(outputs['result'] ?? '')).toMatchObject({ result: { text: evil } });
});

test('a result that is too large is named', async () => {
  const url = 'https://blobs.example.com/result.json?sig=geheim';
  const links = { result: { path: 'result/x/result.json', url } };
  const { outputs } = await ended({ state: 'completed', result: 'x'.repeat(70_000), links });
  expect(JSON.parse(outputs['result'] ?? '')).toEqual({
    v: 1,
    truncated: true,
    url: 'https://blobs.example.com/result.json',
  });
});
