import { setTimeout as wait } from 'node:timers/promises';
import { followComment } from '../../cli/thread/follow-comment.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import {
  waitForJob,
  startTestPlatform,
  waitUntil,
  type LocalPlatform,
} from '../../test/fixtures/local-platform.ts';
import { writeTestPackage } from '../../test/fixtures/hosted-orchestrator.ts';
import {
  openRecords,
  putRecordingTasks,
  recordingPolicy,
  type Records,
} from '../../test/fixtures/recording-tasks.ts';
import { createThreadClient } from '../../test/fixtures/thread-client.ts';
import { findViolations, type Results } from './check-round.ts';
import {
  generateKillStates,
  generatePlans,
  formatPlan,
  type PlannedKill,
  type ChaosPlan,
} from './chaos-plan.ts';
import { runKilledRound, waitForOrchestrator, type KillState } from './orchestrator-kills.ts';
import { listProcesses } from './processes.ts';
import { putCountingTask, getCountFile, tallySeconds } from './counting-task.ts';

/** A round, in one line, and what runs it. */
type PlannedRound = { line: string; run: () => Promise<string[]> };

/** Every third round of a hosted orchestrator has tasks with locks and approvals, and kills of the orchestrator alone. */
const conditionsRound = 3;

/**
 * Runs a chaos test on its own platform.
 * @param hosted whether the orchestrator runs from its package, in a separate process, as on Azure
 * @returns whether all checks passed
 */
export const runChaos = async (rounds: number, seed: number, hosted: boolean): Promise<boolean> => {
  console.log(`${rounds} rounds, seed ${seed}${hosted ? ', with the packaged orchestrator' : ''}`);
  const app = hosted ? await writeTestPackage() : undefined;
  // The task `Tally` writes into the data folder, which no other user can enter.
  const platform = await startTestPlatform(() => ({
    COXSWAIN_PROGRAM_UID: String(process.getuid?.() ?? 0),
    ...(app ? { COXSWAIN_FUNCTIONS_APP: app.file } : {}),
  }));
  const { blobs } = openStorage((await platform.file()).storage.connectionString);
  await putCountingTask(blobs);
  const records = await openRecords();
  const planRound = planRounds(platform, records, seed, hosted);
  if (hosted) {
    await putRecordingTasks(blobs);
    await createThreadClient(platform).replacePolicy(recordingPolicy);
  }
  let bad = 0;
  for (let number = 1; number <= rounds; number += 1) {
    const { line, run } = planRound(number);
    const began = performance.now();
    const problems = await run().catch((error: unknown) => [String(error)]);
    if (problems.length > 0) bad += 1;
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    console.log(
      `${problems.length > 0 ? 'BAD' : 'ok '} ${number} ${seconds} s  ${line}  ${problems.join('; ')}`,
    );
  }
  const left = await stop(platform, bad === 0);
  await Promise.all([records.remove(), app?.remove()]);
  console.log(`${rounds - bad} of ${rounds} rounds held; ${left.length} processes left`);
  return bad === 0 && left.length === 0;
};

/** Returns a function that plans the next round. */
const planRounds = (
  platform: LocalPlatform,
  records: Records,
  seed: number,
  hosted: boolean,
): ((number: number) => PlannedRound) => {
  const results: Results = new Map();
  const plans = generatePlans(seed, hosted);
  const stateSets = generateKillStates(seed);
  const thread = createThreadClient(platform);
  return (number) => {
    if (hosted && number % conditionsRound === 0) {
      const kills = stateSets.next().value as Set<KillState>;
      const round = { platform, thread, records, name: `round${number}`, kills };
      return { line: `orchestrator when ${[...kills].join(', ')}`, run: () => runKilledRound(round) };
    }
    const plan = plans.next().value as ChaosPlan;
    return { line: formatPlan(plan), run: () => runRound(platform, number, plan, results) };
  };
};

/** Stops the platform. Deletes its folder, unless a check failed. @returns the remaining processes */
const stop = async (platform: LocalPlatform, remove: boolean): Promise<number[]> => {
  if (remove) await platform.remove();
  else {
    await platform.stop();
    console.log(`Kept: ${platform.folder}`);
  }
  return listProcesses(platform.folder);
};

const runRound = async (
  platform: LocalPlatform,
  number: number,
  plan: ChaosPlan,
  results: Results,
): Promise<string[]> => {
  const client = await platform.as('write');
  const { github } = await platform.file();
  const words =
    plan.inputs > 0 ? plan.command : `${plan.command} file=${getCountFile(platform.folder, number)}`;
  const comment = await client.comment(github.issue, words);
  const began = performance.now();
  const { id } = await waitForJob(platform, comment);
  for (const kill of plan.kills) {
    if (plan.inputs > 0)
      await waitUntil(`${kill.part} of the blocks`, () => hasReached(platform, id, kill.part), 180);
    else await wait(Math.max(0, kill.part * tallySeconds * 1_000 - (performance.now() - began)));
    await wait(kill.milliseconds);
    await executeKill(platform, kill);
  }
  const outcome = await followComment(
    await platform.file(),
    await platform.as('write'),
    github.issue,
    comment,
    () => {},
    180,
  );
  return findViolations(platform, { number, plan, comment, outcome }, results);
};

const hasReached = async (platform: LocalPlatform, id: string, part: number): Promise<boolean> => {
  const job = await (await platform.jobs()).get(id);
  const { done = 0, total = 1 } = job?.progress ?? {};
  return done >= part * total || job?.endedAt !== null;
};

const executeKill = async (platform: LocalPlatform, { targets }: PlannedKill): Promise<void> => {
  const { children } = await platform.file();
  for (const target of targets) {
    const child = children.find(({ name }) => name === target);
    if (child) killProcess(child.pid);
  }
  if (targets.includes('platform')) {
    await platform.killPlatform();
    await platform.start();
  }
  if (targets.includes('orchestrator')) await waitForOrchestrator(platform);
};

/** Kills a process, unless it has exited. */
const killProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
