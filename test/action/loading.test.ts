import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeGitHub } from '../fakes/fake-github.ts';
import { FakeOrchestrator } from '../fakes/fake-orchestrator.ts';
import { runStep } from '../fixtures/action/step-process.ts';

/* The files of the bundle that a step needs: the others are missing here. */

let bundle: string;

beforeEach(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'coxswain-bundle-'));
});

afterEach(() => rm(bundle, { recursive: true }));

const copyFiles = (...names: string[]): Promise<void[]> =>
  Promise.all(names.map((name) => cp(`action/dist/${name}.mjs`, join(bundle, `${name}.mjs`))));

test('a comment without a command needs only the first file', async () => {
  await copyFiles('main');
  const event = { action: 'created', comment: { body: 'Thank you.' } };
  const environment = { GITHUB_EVENT_NAME: 'issue_comment' };
  expect(await runStep({ bundle, event, environment })).toMatchObject({ code: 0, said: '' });
});

test('an invalid input needs no file of a mode', async () => {
  await copyFiles('main', 'run-step', 'shared');
  const { outputs } = await runStep({ bundle, inputs: { compute: 'many' } });
  expect(outputs).toEqual({ state: 'refused', reason: 'invalid-input' });
});

test('a step that cannot call the orchestrator needs no client of GitHub', async () => {
  await copyFiles('main', 'run-step', 'shared', 'run-mode');
  const inputs = { compute: '10', 'orchestrator-url': 'http://127.0.0.1:9' };
  const { outputs, said } = await runStep({ bundle, inputs });
  expect(outputs).toEqual({ state: 'refused', reason: 'invalid-input' });
  expect(said).toContain('Input orchestrator-key: expected a key');
});

test('a job needs no file of Entra', async () => {
  await copyFiles('main', 'run-step', 'shared', 'run-mode', 'github');
  const [orchestrator, github] = await Promise.all([new FakeOrchestrator().open(), new FakeGitHub().open()]);
  github.permissions.set('mona', { permission: 'write', role_name: 'write' });
  const { key, url } = orchestrator;
  const { code, said } = await runStep({
    bundle,
    inputs: { compute: '10', wait: 'false', 'orchestrator-url': url, 'orchestrator-key': key },
    environment: { GITHUB_API_URL: github.url },
  });
  await Promise.all([orchestrator.close(), github.close()]);
  expect({ code, said }).toMatchObject({ code: 0 });
});
