import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inputDefaults } from '../action/inputs/input-definitions.ts';
import type { LocalPlatform } from '../test/fixtures/local-platform.ts';

/** Returns the id of the user or repository at a path of the emulator's REST API. */
const readId = async (github: { url: string; token: string }, path: string): Promise<number> => {
  const response = await fetch(`${github.url}/api/v3/${path}`, {
    headers: { authorization: `Bearer ${github.token}` },
  });
  return ((await response.json()) as { id: number }).id;
};

/** Runs the built Action on a local platform and returns the Markdown of its job summary. */
export const runAction = async (platform: LocalPlatform, inputs: Record<string, string>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-pictures-'));
  const { orchestrator, github } = await platform.file();
  const files = ['output', 'state', 'event.json', 'summary'].map((name) => join(folder, name));
  await Promise.all(files.map((file) => writeFile(file, file.endsWith('.json') ? '{}' : '')));
  const [output, state, event, summary] = files as [string, string, string, string];
  const given = {
    ...inputDefaults,
    'github-token': github.workflowToken,
    'orchestrator-url': orchestrator.url,
    'orchestrator-key': orchestrator.key,
    'idempotency-key': '0',
    ...inputs,
  };
  const variables = Object.entries(given).map(([name, value]) => [
    `INPUT_${name.toUpperCase()}`,
    value ?? '',
  ]);
  const actor = github.users.find(({ role }) => role === 'write')?.login ?? '';
  const actorId = await readId(github, `users/${actor}`);
  const repositoryId = await readId(github, `repos/${github.repository}`);
  await promisify(execFile)(process.execPath, ['action/dist/main.mjs'], {
    env: {
      PATH: process.env['PATH'],
      ...Object.fromEntries(variables),
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: github.url,
      GITHUB_API_URL: `${github.url}/api/v3`,
      GITHUB_REPOSITORY: github.repository,
      GITHUB_REPOSITORY_ID: String(repositoryId),
      GITHUB_RUN_ID: String(Date.now()),
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_JOB: 'run',
      GITHUB_ACTION: '__self',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: 'a'.repeat(40),
      GITHUB_EVENT_NAME: 'workflow_dispatch',
      GITHUB_ACTOR: actor,
      GITHUB_ACTOR_ID: String(actorId),
      GITHUB_TRIGGERING_ACTOR: actor,
      GITHUB_OUTPUT: output,
      GITHUB_STATE: state,
      GITHUB_EVENT_PATH: event,
      GITHUB_STEP_SUMMARY: summary,
    },
  }).catch((error: { code?: unknown; stdout?: string }) => {
    // A step whose job fails ends with 1; its summary says why.
    if (error.code !== 1) throw error;
    console.log(error.stdout);
  });
  const text = await readFile(summary, 'utf8');
  await rm(folder, { recursive: true });
  return text;
};
