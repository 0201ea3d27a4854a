import * as v from 'valibot';
import { policyPath } from '../chatops/github/policy-loader.ts';
import type { FileAnswer } from '../chatops/github/ports.ts';
import { largestPolicy, readingLimits, unreadFile, type ReadPolicy } from '../chatops/policy/index.ts';
import type { PolicyMistake } from '../chatops/policy/policy.ts';
import { policyUnprotected } from '../chatops/reply/answers/index.ts';
import { isUnprotected } from '../chatops/policy-protection.ts';
import { readEvent } from './step/event.ts';
import { githubOf } from './github.ts';
import { patienceOf, persistently } from './retry.ts';
import { openPolicyReader } from './policy-reader.ts';
import type { Step } from './step/step.ts';
import { error, info, warning } from './report/log.ts';

const PullEvent = v.object({ pull_request: v.object({ head: v.object({ sha: v.string() }) }) });

/**
 * Checks the policy at the event's commit, and annotates each mistake at its line. A pull request's policy, which anyone can write, is
 * read with limits on time and memory. @returns the step's exit code
 */
export const validate = async (
  { inputs, runner, stop }: Pick<Step, 'inputs' | 'runner' | 'stop'>,
  limits = readingLimits,
): Promise<number> => {
  const { repository } = runner;
  const { files, codeOwners } = githubOf(inputs, stop.call);
  const pull = v.safeParse(PullEvent, await readEvent(runner));
  // Of a pull request GITHUB_SHA is the merge, in which lines may stand elsewhere.
  const commit = pull.success ? pull.output.pull_request.head.sha : runner.commit;
  const read = () => files.read(repository, policyPath, commit, largestPolicy);
  const file = await persistently(read, patienceOf(stop));
  if (file.outcome === 'not-found') {
    info(`There is no ${policyPath}: the defaults hold.`);
    return 0;
  }
  const policy = await policyIn(file, limits);
  const mistakes = 'mistakes' in policy ? policy.mistakes : [];
  for (const mistake of mistakes)
    error(words(mistake), {
      title: 'The policy has a mistake',
      file: policyPath,
      startLine: mistake.line,
      startColumn: mistake.column,
    });
  if ('mistakes' in policy) return 1;
  info(`${policyPath} is right.`);
  if (await isUnprotected(policy.policy, repository, codeOwners, commit)) warning(policyUnprotected);
  return 0;
};

const policyIn = async (file: FileAnswer, limits: typeof readingLimits): Promise<ReadPolicy> => {
  if (file.outcome !== 'read') return { mistakes: [unreadFile(file.outcome, file.bytes)] };
  const reader = openPolicyReader(limits);
  try {
    return await reader.read(file.text);
  } finally {
    await reader.close();
  }
};

const words = ({ path, message, expected, received }: PolicyMistake): string =>
  [
    path === '' ? message : `${path}: ${message}`,
    ...(expected === null ? [] : [`Expected ${expected}.`]),
    ...(received === null ? [] : [`Received ${received}.`]),
  ].join('\n');
