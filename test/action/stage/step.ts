import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { inputDefaults, type InputName } from '../../../action/inputs/given.ts';

/** What a step leaves behind. */
export type Ended = {
  code: number | null;
  /** All that it printed. */
  said: string;
  outputs: Record<string, string>;
  state: Record<string, string>;
  summary: string;
};

/** A step that runs: the built bundle, started as the runner starts it. */
export type RunningStep = {
  ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once it has printed this. */
  says(text: string): Promise<void>;
};

export type StepSettings = {
  inputs?: Partial<Record<InputName, string>>;
  environment?: NodeJS.ProcessEnv;
  event?: unknown;
  phase?: 'main' | 'post';
  /** The GUID in the name of the summary's file, which is another one for each step that a runner runs. */
  execution?: string;
  /** Where the bundle is. */
  bundle?: string;
};

/** As the runner fills them in: what nobody gave has its default, or is empty. */
const asInputs = (inputs: Partial<Record<InputName, string>>): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(inputDefaults).map(([name, usual]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      inputs[name as InputName] ??
        { 'github-token': 'ghs_test', 'idempotency-key': '0' }[name] ??
        usual ??
        '',
    ]),
  );

export const runner: NodeJS.ProcessEnv = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/ops',
  GITHUB_REPOSITORY_ID: '501',
  GITHUB_RUN_ID: '9001',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'run',
  GITHUB_ACTION: '__self',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_EVENT_NAME: 'workflow_dispatch',
  GITHUB_ACTOR: 'mona',
  GITHUB_ACTOR_ID: '11',
  GITHUB_TRIGGERING_ACTOR: 'mona',
};

/** A test that fails may leave its step at work. */
const running = new Set<() => Promise<void>>();
afterAll(() => Promise.all([...running].map((stop) => stop())));

/** Starts the bundle; its files are in a folder of its own, which is gone once it has ended. */
export const startStep = async (settings: StepSettings): Promise<RunningStep> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-action-'));
  const file = (name: string): string => join(folder, name);
  const { execution = '6f1d8c1e-5b8e-4c3f-9d43-2f6f0a4b1c01' } = settings;
  const summaryFile = `step_summary_${execution}`;
  await Promise.all(['output', summaryFile, 'state'].map((name) => writeFile(file(name), '')));
  await writeFile(file('event.json'), JSON.stringify(settings.event ?? {}));
  const { bundle = 'action/dist', phase = 'main' } = settings;
  const child = spawn(process.execPath, [`${bundle}/${phase}.mjs`], {
    env: {
      PATH: process.env['PATH'],
      ...runner,
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file(summaryFile),
      GITHUB_STATE: file('state'),
      GITHUB_EVENT_PATH: file('event.json'),
      ...asInputs(settings.inputs ?? {}),
      ...settings.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const heard = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      for (const look of heard) look();
    });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const read = async (): Promise<Ended> => {
    const code = await closed;
    const [outputs, state, summary] = await Promise.all(
      ['output', 'state', summaryFile].map((name) => readFile(file(name), 'utf8')),
    );
    await rm(folder, { recursive: true });
    return { code, said, outputs: keyed(outputs ?? ''), state: keyed(state ?? ''), summary: summary ?? '' };
  };
  const ended = read();
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  running.add(stop);
  void ended.then(() => running.delete(stop));
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (said.includes(text)) resolve();
        };
        heard.add(look);
        look();
        void ended.then(() => reject(new Error(`The step ended without "${text}":\n${said}`)));
      }),
  };
};

export const runStep = async (settings: StepSettings): Promise<Ended> => (await startStep(settings)).ended;

/** The runner's own reading of a file of `name<<delimiter`, the value, and the delimiter. */
const keyed = (text: string): Record<string, string> => {
  const found: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, delimiter] = /^(.+?)<<(.+)$/.exec(lines[at] ?? '') ?? [];
    if (name === undefined) continue;
    const end = lines.indexOf(delimiter ?? '', at + 1);
    found[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return found;
};

/**
 * What of the output the runner would carry out: commands on lines of their own, but for those between `::stop-commands::` and
 * its end.
 */
export const commandsIn = (said: string): string[] => {
  let stopped: string | undefined;
  return said.split('\n').filter((line) => {
    const text = line.trimStart();
    if (stopped !== undefined) {
      if (text === `::${stopped}::`) stopped = undefined;
      return false;
    }
    stopped = /^::stop-commands::(.+)$/.exec(text)?.[1];
    return stopped === undefined && /^::[a-z]|##\[/.test(text);
  });
};
