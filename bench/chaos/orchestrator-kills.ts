import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Comment } from '../../cli/thread/github-client.ts';
import { verifyOutputs } from '../../cli/demo/verify-outputs.ts';
import { followComment } from '../../cli/thread/follow-comment.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import { locksPrefix } from '../../contracts/blob-paths.ts';
import type { Job } from '../../contracts/job.ts';
import { waitUntil, type LocalPlatform } from '../../test/fixtures/local-platform.ts';
import { findCode, type Records, type RecordingTask } from '../../test/fixtures/recording-tasks.ts';
import type { ThreadClient } from '../../test/fixtures/thread-client.ts';

/** The states in which the orchestrator can be killed, in their order. */
export const killStates = [
  'the compute job has started',
  'a task holds the lock',
  'a task waits for the lock',
  'a task waits for its approval',
  'half of the blocks are done',
  'the first task has exited',
  'the approval has been given',
  'all blocks are done',
] as const;
export type KillState = (typeof killStates)[number];

export type KilledRound = {
  platform: LocalPlatform;
  thread: ThreadClient;
  records: Records;
  /** Distinguishes what the round records from other rounds. */
  name: string;
  kills: ReadonlySet<KillState>;
};

const blocks = 300;

/** The comments of a round: `first` holds the lock that `second` waits for, `vault` waits for approval. */
type Comments = Record<'compute' | 'first' | 'second' | 'vault', Comment>;

/**
 * Runs a compute job, two tasks that need the same lock and a task that needs an approval, all at the same time, and kills the
 * orchestrator in some states. The platform's policy and tasks are those of `recording-tasks.ts`.
 * @returns what was lost or doubled; empty if nothing was
 */
export const runKilledRound = async (round: KilledRound): Promise<string[]> => {
  const comments = await runThroughStates(round);
  const jobs: Job[] = [];
  for (const comment of Object.values(comments))
    jobs.push(await round.thread.waitForJob(comment, 'completed'));
  const problems = await Promise.all([
    checkCompute(round.platform, comments.compute),
    checkRecords(round, comments),
    checkApproval(jobs.at(-1)),
    checkStorage(round.platform, jobs),
  ]);
  return problems.flat();
};

const runThroughStates = async (round: KilledRound): Promise<Comments> => {
  const { thread, records, name } = round;
  const gate = join(records.folder, `open-${name}`);
  const run = (task: RecordingTask, more: string) => thread.write('octavia', records.toCommand(task, more));
  const reach = (state: KillState) => killIn(round, state);

  const compute = await thread.write('octavia', `/compute ${blocks}`);
  await waitForDone(round, compute, 0);
  await reach('the compute job has started');
  const first = await run('Gate', `name=${name}a gate=${gate}`);
  await waitUntil('the first script', async () => (await records.read('Gate')).includes(`in ${name}a`));
  await reach('a task holds the lock');
  const second = await run('Gate', `name=${name}b`);
  await thread.waitForJob(second, 'waiting');
  await reach('a task waits for the lock');
  const vault = await run('Vault', `name=${name}v`);
  const code = findCode(await thread.waitForReply(vault, /is waiting for approval/));
  await reach('a task waits for its approval');
  await waitForDone(round, compute, blocks / 2);
  await reach('half of the blocks are done');
  await writeFile(gate, '');
  await waitUntil('the first exit', async () => (await records.read('Gate')).includes(`out ${name}a`));
  await reach('the first task has exited');
  await thread.write('priya', `/approve ${code}`);
  await waitUntil('the approval', async () => (await thread.listJobs(vault))[0]?.approvals.length);
  await reach('the approval has been given');
  await waitForDone(round, compute, blocks);
  await reach('all blocks are done');
  return { compute, first, second, vault };
};

/** Waits until a number of blocks are done. */
const waitForDone = ({ thread }: KilledRound, compute: Comment, enough: number): Promise<boolean> =>
  waitUntil(`${enough} blocks`, async () => {
    const [job] = await thread.listJobs(compute);
    return job !== undefined && (job.endedAt !== null || (job.progress?.done ?? 0) >= enough);
  });

/** Kills the orchestrator in this state, if the round has it, and waits until its successor answers. */
const killIn = async ({ platform, kills }: KilledRound, state: KillState): Promise<void> => {
  if (!kills.has(state)) return;
  await waitUntil('an orchestrator', () => platform.kill('orchestrator'));
  await waitForOrchestrator(platform);
};

/** Waits until the orchestrator answers, such as after a kill. */
export const waitForOrchestrator = async (platform: LocalPlatform): Promise<void> => {
  const jobs = await platform.jobs();
  await waitUntil('the orchestrator', () => jobs.page({ top: 1 }).catch(() => false as const));
};

const checkCompute = async (platform: LocalPlatform, comment: Comment): Promise<string[]> => {
  const file = await platform.file();
  const outcome = await followComment(
    file,
    await platform.as('write'),
    file.github.issue,
    comment,
    () => {},
    120,
  );
  await verifyOutputs(outcome, blocks);
  const { done, failed, total } = outcome.jobs[0]?.progress ?? {};
  return done === blocks && failed === 0 && total === blocks ? [] : [`progress ${done}/${failed}/${total}`];
};

/** Each script ran once, the two that need the lock one after the other. There is one job and one reply for each comment. */
const checkRecords = async (
  { records, thread, name }: KilledRound,
  comments: Comments,
): Promise<string[]> => {
  const expected = {
    Gate: [`in ${name}a`, `out ${name}a`, `in ${name}b`, `out ${name}b`],
    Vault: [`in ${name}v`, `out ${name}v`],
  };
  const problems: string[] = [];
  for (const task of ['Gate', 'Vault'] as const) {
    const found = (await records.read(task)).filter((line) => line.includes(` ${name}`));
    if (found.join() !== expected[task].join()) problems.push(`${task} recorded ${found.join()}`);
  }
  for (const comment of Object.values(comments)) {
    const { length } = await thread.listJobs(comment);
    if (length !== 1) problems.push(`${length} jobs of ${comment.body}`);
    await thread.waitForReply(comment, /completed|done/);
  }
  return problems;
};

const checkApproval = async (vault: Job | undefined): Promise<string[]> => {
  const names = (vault?.approvals ?? []).map(({ by }) => by.name);
  return names.join() === 'priya' ? [] : [`approved by ${names.join()}`];
};

/**
 * No lock is held, and no message of a block, input or poison message is left. Events that a killed host had taken stay invisible for
 * 10 minutes, as on Azure; they are only hints.
 */
const checkStorage = async (platform: LocalPlatform, jobs: readonly Job[]): Promise<string[]> => {
  const { blobs, input, poison, poisonEvents } = openStorage(
    (await platform.file()).storage.connectionString,
  );
  const count = async (prefix: Parameters<typeof blobs.list>[0]) =>
    (await Array.fromAsync(blobs.list(prefix))).length;
  await waitUntil('free locks', async () => (await count(locksPrefix)) === 0);
  await waitUntil('no message', async () => (await input.length()) === 0);
  const left = {
    'poison messages': await poison.length(),
    'poison events': await poisonEvents.length(),
    inputs: await count(`input/${jobs[0]?.id}/`),
  };
  return Object.entries(left).flatMap(([what, number]) => (number === 0 ? [] : [`${number} ${what}`]));
};
