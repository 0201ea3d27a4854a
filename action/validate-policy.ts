import * as v from 'valibot';
import { policyPath } from '../chatops/github/policy-loader.ts';
import type { FileAnswer } from '../chatops/github/ports.ts';
import {
  maxPolicyBytes,
  readingLimits,
  toUnreadableProblem,
  type PolicyReading,
} from '../chatops/policy/index.ts';
import type { PolicyProblem } from '../chatops/policy/policy.ts';
import { unprotectedPolicyWarning } from '../chatops/reply/answers/index.ts';
import { isPolicyUnprotected } from '../chatops/policy-protection.ts';
import { readEvent } from './step/event.ts';
import { openGitHub } from './github.ts';
import { buildRetryOptions, retryCall } from './retry.ts';
import { openPolicyReader } from './policy-reader.ts';
import type { ActionStep } from './step/step.ts';
import { error, info, warning } from './report/log.ts';

const PullRequestEvent = v.object({ pull_request: v.object({ head: v.object({ sha: v.string() }) }) });

/**
 * Checks the policy at the event's commit and annotates each error at its line. A pull request's policy, which anyone can write, is
 * read with limits on time and memory. @returns the step's exit code
 */
export const validatePolicy = async (
  { inputs, runner, deadline }: Pick<ActionStep, 'inputs' | 'runner' | 'deadline'>,
  limits = readingLimits,
): Promise<number> => {
  const { repository } = runner;
  const { files, codeOwners } = openGitHub(inputs, deadline.createCallSignal);
  const pull = v.safeParse(PullRequestEvent, await readEvent(runner));
  // For a pull request, GITHUB_SHA is the merge commit, where line numbers can differ.
  const commit = pull.success ? pull.output.pull_request.head.sha : runner.commit;
  const read = () => files.read(repository, policyPath, commit, maxPolicyBytes);
  const file = await retryCall(read, buildRetryOptions(deadline));
  if (file.outcome === 'not-found') {
    info(`${policyPath} does not exist: the default policy applies.`);
    return 0;
  }
  const policy = await parsePolicyFile(file, limits);
  const policyMistakes = 'mistakes' in policy ? policy.mistakes : [];
  for (const mistake of policyMistakes)
    error(formatMistake(mistake), {
      title: 'Invalid policy',
      file: policyPath,
      startLine: mistake.line,
      startColumn: mistake.column,
    });
  if ('mistakes' in policy) return 1;
  info(`${policyPath} is valid.`);
  if (await isPolicyUnprotected(policy.policy, repository, codeOwners, commit))
    warning(unprotectedPolicyWarning);
  return 0;
};

const parsePolicyFile = async (file: FileAnswer, limits: typeof readingLimits): Promise<PolicyReading> => {
  if (file.outcome !== 'read') return { mistakes: [toUnreadableProblem(file.outcome, file.bytes)] };
  const reader = openPolicyReader(limits);
  try {
    return await reader.read(file.text);
  } finally {
    await reader.close();
  }
};

const formatMistake = ({ path, message, expected, received }: PolicyProblem): string =>
  [
    path === '' ? message : `${path}: ${message}`,
    ...(expected === null ? [] : [`Expected ${expected}.`]),
    ...(received === null ? [] : [`Received ${received}.`]),
  ].join('\n');
