import { verifyOutputs } from '../../cli/demo/verify-outputs.ts';
import type { CommentOutcome } from '../../cli/thread/follow-comment.ts';
import type { Comment } from '../../cli/thread/github-client.ts';
import { retry } from '../../runtime/async/retry.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import { waitUntil, type LocalPlatform } from '../../test/fixtures/local-platform.ts';
import type { ChaosPlan } from './chaos-plan.ts';
import { listProcesses } from './processes.ts';
import { countStarts } from './counting-task.ts';

export type ChaosRound = { number: number; plan: ChaosPlan; comment: Comment; outcome: CommentOutcome };

/** The results by command. The same command must have the same result, whatever is killed. */
export type Results = Map<string, string>;

/** Checks the invariants after a round. @returns the violations */
export const findViolations = async (
  platform: LocalPlatform,
  round: ChaosRound,
  results: Results,
): Promise<string[]> => {
  const checks = [
    round.plan.inputs > 0 ? checkCompute(round, results) : checkTask(platform, round),
    checkThread(platform, round),
    checkCleanup(platform, round),
    checkProcesses(platform),
  ];
  const answers = await Promise.allSettled(checks);
  return answers.flatMap((answer) =>
    answer.status === 'fulfilled' ? answer.value : [String(answer.reason)],
  );
};

const reportUnless = (holds: boolean, problem: string): string[] => (holds ? [] : [problem]);

const checkCompute = async ({ plan, outcome }: ChaosRound, results: Results): Promise<string[]> => {
  const [job] = outcome.jobs;
  const { progress, state, message } = job ?? {};
  if (state !== 'completed') return [`the job is ${state}: ${message}`];
  await retryWhileUnreachable(() => verifyOutputs(outcome, plan.inputs));
  const result = JSON.stringify(job?.result);
  const before = results.get(plan.command) ?? result;
  results.set(plan.command, before);
  return [
    ...reportUnless(progress?.done === progress?.total, `progress ${JSON.stringify(progress)}`),
    ...reportUnless(result === before, `the result is ${result}, it was ${before}`),
    ...reportUnless(outcome.reactions.includes('rocket'), `reactions ${outcome.reactions.join()}`),
    ...reportUnless(hasFullCount(outcome.reply?.body, progress?.total), 'the reply has no full count'),
  ];
};

/** Returns whether a reply shows the full count of blocks, or of inputs if each block has one. */
const hasFullCount = (reply: string | undefined, total: number | undefined): boolean =>
  new RegExp(`\\b${total}/${total} (?:inputs done|blocks)`).test(reply ?? '');

/** Retries while storage is unreachable: the last kill may have been that of storage. What storage returns must be right at once. */
const retryWhileUnreachable = <T>(check: () => Promise<T>): Promise<T> =>
  retry(check, {
    backoff: { minMilliseconds: 500, maxMilliseconds: 500 },
    maxAttempts: 21,
    isRetryable: (error) => error instanceof TypeError,
  });

const checkTask = async (
  { folder }: LocalPlatform,
  { number, plan, outcome }: ChaosRound,
): Promise<string[]> => {
  const [job] = outcome.jobs;
  const starts = await countStarts(folder, number);
  const mayBeLost = plan.kills.some(({ targets }) =>
    targets.some((one) => one === 'runner' || one === 'platform'),
  );
  const lost = job?.reason === 'runner-lost' && mayBeLost;
  return [
    ...reportUnless(starts <= 1, `the script started ${starts} times`),
    ...reportUnless(
      lost || job?.state === 'completed',
      `the job is ${job?.state}: ${job?.reason} ${job?.message}`,
    ),
    ...reportUnless(job?.state !== 'completed' || starts === 1, 'completed without a start'),
    ...reportUnless(
      !lost || job.message?.includes(starts === 1 ? 'after the script had started' : 'before') === true,
      `${starts} starts, and the reply says: ${job?.message}`,
    ),
  ];
};

const checkThread = async (platform: LocalPlatform, { comment }: ChaosRound): Promise<string[]> => {
  const { github } = await platform.file();
  const client = await platform.as('write');
  const page = await (await platform.jobs()).page({});
  const jobs = page.jobs.filter(({ origin }) => origin.comment?.id === comment.id).length;
  const replies = (await client.commentsSince(github.issue, comment)).filter(({ body }) =>
    body.includes(`"comment":${comment.id},`),
  ).length;
  return [...reportUnless(jobs === 1, `${jobs} jobs`), ...reportUnless(replies === 1, `${replies} replies`)];
};

const checkCleanup = async (platform: LocalPlatform, { outcome }: ChaosRound): Promise<string[]> => {
  const { blobs, input, poison } = openStorage((await platform.file()).storage.connectionString);
  const inputs = await Array.fromAsync(blobs.list(`input/${outcome.jobs[0]?.id}/`));
  await waitUntil('an empty queue', async () => (await input.length()) === 0);
  const poisoned = await poison.length();
  return [
    ...reportUnless(inputs.length === 0, `${inputs.length} inputs are left`),
    ...reportUnless(poisoned === 0, `${poisoned} messages in the poison queue`),
  ];
};

const checkProcesses = async (platform: LocalPlatform): Promise<string[]> => {
  const findForeign = async () => {
    const { pid, children } = await platform.file();
    const own = new Set([pid, ...children.map((child) => child.pid)]);
    return (await listProcesses(platform.folder)).filter((one) => !own.has(one));
  };
  await waitUntil('no process but its own', async () => (await findForeign()).length === 0, 15);
  return [];
};
