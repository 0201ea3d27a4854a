import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '../../compute/client/index.ts';
import { ActionFixture } from '../fixtures/action/action-fixture.ts';
import { runStep, startStep, type FinishedStep, type StepSettings } from '../fixtures/action/step-process.ts';

/* The exit code, state and reason of each result, as documented in docs/action.md. */

type Row = { end: string; code: string; state: string; reason: string };

const rows: Row[] = readFileSync('docs/action.md', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, end, code, state, reason] = /^\| (.+?) \| ([01]) \| (.*?) \| (.*?) \|$/.exec(line) ?? [];
    return end === undefined ? [] : [{ end, code: code ?? '', state: state ?? '', reason: reason ?? '' }];
  });

/** Returns whether a cell of the table allows a value: a cell with examples allows any, an empty cell none. */
const allows = (cell: string, word: string): boolean => {
  if (cell.startsWith('the ')) return word !== '';
  return cell === '' ? word === '' : cell.split(', ').includes(`\`${word}\``);
};

let fixture: ActionFixture;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

const tested = new Set<string>();

/** Compares the result of a step with its row of the table. */
const expectRow = (end: string, { code, outputs }: Pick<FinishedStep, 'code' | 'outputs'>): void => {
  tested.add(end);
  const row = rows.find((one) => one.end === end);
  const { state = '', reason = '' } = outputs;
  expect([end, String(code)]).toEqual([end, row?.code]);
  expect([state, row?.state, allows(row?.state ?? '', state)]).toEqual([state, row?.state, true]);
  expect([reason, row?.reason, allows(row?.reason ?? '', reason)]).toEqual([reason, row?.reason, true]);
};

const withJob = async (change: Partial<Job>, settings: StepSettings = {}): Promise<FinishedStep> => {
  const step = await startStep(fixture.dispatch(settings));
  fixture.orchestrator.updateJob((await fixture.job()).id, change);
  return step.ended;
};

describe('the table of results', () => {
  test.each<[string, Partial<Job>]>([
    ['The job completed', { state: 'completed' }],
    ['The job waits for an approval or a lock', { state: 'waiting' }],
    ['The job ended in another state', { state: 'completed-with-failures', reason: 'blocks-failed' }],
    ['The job ended in another state', { state: 'failed', reason: 'all-blocks-failed' }],
    ['The job ended in another state', { state: 'canceled', reason: 'canceled-by-user' }],
    ['The job ended in another state', { state: 'timed-out', reason: 'deadline' }],
  ])('%s: %j', async (end, change) => {
    const ended = await withJob(change);
    expectRow(end, ended);
    expect(ended.outputs).toMatchObject({ state: change.state, reason: change.reason ?? '' });
  });

  test('without waiting', async () => {
    expectRow(
      'The job was started and `wait` is `false`',
      await runStep(fixture.dispatch({ inputs: { wait: 'false' } })),
    );
  });

  test('refused', async () => {
    fixture.github.permissions.clear();
    expectRow('The job was refused', await runStep(fixture.dispatch()));
    const ended = await runStep(fixture.comment(fixture.github.addComment('/compute 10')));
    expectRow('The command of a comment was refused', ended);
  });

  test('answered', async () => {
    const ended = await runStep(fixture.comment(fixture.github.addComment('/help')));
    expectRow('The command of a comment started no job, such as `/help`', ended);
    expect(ended.summary).toContain('/compute');
  });

  test('invalid configuration', async () => {
    expectRow(
      'The configuration of the step is invalid',
      await runStep(fixture.dispatch({ inputs: { wait: 'perhaps' } })),
    );
  });

  test('no command', async () => {
    expectRow(
      'The comment contains no command',
      await runStep(fixture.comment(fixture.github.addComment('hello'))),
    );
  });

  test('another failure', async () => {
    expectRow(
      'Another failure',
      await runStep(fixture.dispatch({ inputs: { 'orchestrator-key': 'another' } })),
    );
  });

  test('aborted, or timed out', async () => {
    const inputs = { 'timeout-minutes': '0.03' };
    expectRow(
      'The workflow was canceled, or the timeout was reached',
      await withJob({ state: 'running' }, { inputs }),
    );
    fixture.orchestrator.fault = 503;
    expectRow('The same, before the step knows the job', await runStep(fixture.dispatch({ inputs })));
  });

  test('has no other rows', () => {
    expect([...tested].toSorted()).toEqual(rows.map(({ end }) => end).toSorted());
  });
});
