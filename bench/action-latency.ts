import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openInstantServices } from './instant-services.ts';

const dist = fileURLToPath(new URL('../action/dist/', import.meta.url));
const main = join(dist, 'main.mjs');

/** The files that few steps load: those that authenticate with Entra, and those that found a command. */
const rareFiles = { entra: 'entra.mjs', secondReader: 'second-reader.mjs' } as const;

export type BundleCost = {
  /** The sizes of Entra's file, of the second reader's, and of all others together, in bytes. */
  bytes: Record<keyof typeof rareFiles | 'others', number>;
  /** Time to start and to exit, in milliseconds, the median of all rounds. */
  times: Record<keyof ReturnType<typeof buildPrograms>, number>;
};

export const rounds = 21;

/** Measures the size of the Action's bundle, and the time to start it as a runner does. */
export const measureBundle = async (): Promise<BundleCost> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-bench-'));
  const neighbours = await openInstantServices();
  try {
    await writeRunnerFiles(folder);
    return {
      bytes: await measureSizes(),
      times: await measureTimes(buildPrograms(folder, neighbours.environment)),
    };
  } finally {
    await neighbours.close();
    await rm(folder, { recursive: true });
  }
};

/** Writes the files that a runner creates for a step. */
const writeRunnerFiles = async (folder: string): Promise<void> => {
  const event = JSON.stringify({ action: 'created', comment: { body: 'Thank you.' } });
  await writeFile(join(folder, 'event.json'), event);
  await Promise.all(['output', 'state', 'summary'].map((name) => writeFile(join(folder, name), '')));
};

const measureSizes = async (): Promise<BundleCost['bytes']> => {
  const sizes = { entra: 0, secondReader: 0, others: 0 };
  for (const file of await readdir(dist)) {
    const kind =
      file === rareFiles.entra ? 'entra' : file === rareFiles.secondReader ? 'secondReader' : 'others';
    sizes[kind] += (await stat(join(dist, file))).size;
  }
  return sizes;
};

type Program = { args: string[]; env: NodeJS.ProcessEnv; code: number };

/** Returns the programs to measure: Node without a program, and steps with a comment without a command, an invalid input, and a job. */
const buildPrograms = (folder: string, neighbours: NodeJS.ProcessEnv) => {
  const env = buildEnvironment(folder);
  return {
    empty: { args: ['-e', '0'], env: {}, code: 0 },
    silent: { args: [main], env: { ...env, GITHUB_EVENT_NAME: 'issue_comment' }, code: 0 },
    wrong: { args: [main], env: { ...env, 'INPUT_TIMEOUT-MINUTES': 'soon' }, code: 1 },
    dispatch: { args: [main], env: { ...env, ...neighbours }, code: 0 },
  } satisfies Record<string, Program>;
};

const measureTimes = async (started: ReturnType<typeof buildPrograms>): Promise<BundleCost['times']> => {
  const times: Record<keyof typeof started, number[]> = { empty: [], silent: [], wrong: [], dispatch: [] };
  const names = Object.keys(times) as (keyof typeof started)[];
  // Alternate between the programs, so that a slower machine affects all of them.
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) times[name].push(await timeProgram(started[name], round));
  const { empty, silent, wrong, dispatch } = times;
  return { empty: median(empty), silent: median(silent), wrong: median(wrong), dispatch: median(dispatch) };
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const buildEnvironment = (folder: string): NodeJS.ProcessEnv => ({
  GITHUB_REPOSITORY: 'acme/ops',
  GITHUB_REPOSITORY_ID: '501',
  GITHUB_JOB: 'bench',
  GITHUB_ACTION: 'bench',
  GITHUB_ACTOR: 'mona',
  GITHUB_ACTOR_ID: '11',
  GITHUB_EVENT_NAME: 'workflow_dispatch',
  GITHUB_EVENT_PATH: join(folder, 'event.json'),
  GITHUB_OUTPUT: join(folder, 'output'),
  GITHUB_STATE: join(folder, 'state'),
  GITHUB_STEP_SUMMARY: join(folder, 'summary'),
});

/** Measures one run in milliseconds. Each round is a separate workflow run with its own job. @throws Error if the exit code is unexpected */
const timeProgram = async ({ args, env, code }: Program, round: number): Promise<number> => {
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...env, GITHUB_RUN_ID: String(round + 1) },
    stdio: 'ignore',
  });
  const [ended] = (await once(child, 'exit')) as [number | null];
  const time = performance.now() - start;
  if (ended !== code) throw new Error(`node ${args.join(' ')} exited with ${ended}, not ${code}`);
  return time;
};
