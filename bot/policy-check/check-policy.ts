import * as v from 'valibot';
import { request, toOwnerAndRepo, type Octokit } from '../../chatops/github/api-client.ts';
import { policyPath } from '../../chatops/github/policy-loader.ts';
import type { CheckRun, CheckRuns, CodeOwners, Files } from '../../chatops/github/ports.ts';
import { maxPolicyBytes, toUnreadableProblem, type PolicyReader } from '../../chatops/policy/index.ts';
import type { PolicyProblem } from '../../chatops/policy/policy.ts';
import { unprotectedPolicyWarning } from '../../chatops/reply/answers/index.ts';
import { isPolicyUnprotected } from '../../chatops/policy-protection.ts';
import { formatProblemMessage } from './problem-message.ts';
import type { ChangedPullRequest } from '../server/webhook-events.ts';

const checkName = 'coxswain policy';

export type PolicyCheckPorts = {
  octokit: Octokit;
  files: Files;
  codeOwners: CodeOwners;
  checks: Pick<CheckRuns, 'put'>;
  readPolicy: PolicyReader;
};

const ChangedFiles = v.array(
  v.object({ filename: v.string(), previous_filename: v.optional(v.string()), status: v.string() }),
);

const pageSize = 100;
/** GitHub lists no more than 3 000 files of a pull request. */
const maxPages = 30;

/**
 * Creates a check run on a pull request that changes the policy file, with each problem at its line.
 * @returns the outcome, as a word for the metric
 */
export const checkPolicy = async (pull: ChangedPullRequest, ports: PolicyCheckPorts): Promise<string> => {
  const change = await findPolicyChange(pull, ports.octokit);
  if (change === 'none') return 'policy-unchanged';
  const verdict = change === 'removed' ? removedVerdict : await evaluatePolicy(pull, ports);
  const check: CheckRun = { name: checkName, commit: pull.head, externalId: null, ...verdict };
  await ports.checks.put(pull.repository, check);
  return verdict.conclusion === 'success' ? 'policy-right' : 'policy-wrong';
};

const findPolicyChange = async (
  pull: ChangedPullRequest,
  octokit: Octokit,
): Promise<'none' | 'changed' | 'removed'> => {
  const where = { ...toOwnerAndRepo(pull.repository.name), pull_number: pull.number };
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files';
  for (let page = 1; page <= maxPages; page += 1) {
    const files = await request(octokit, ChangedFiles, route, { ...where, per_page: pageSize, page });
    const own = files.find(({ filename }) => filename === policyPath);
    if (own) return own.status === 'removed' ? 'removed' : 'changed';
    if (files.some(({ previous_filename: before }) => before === policyPath)) return 'removed';
    if (files.length < pageSize) return 'none';
  }
  return 'none';
};

type PolicyVerdict = Pick<CheckRun, 'conclusion' | 'title' | 'summary' | 'annotations'>;

const removedVerdict: PolicyVerdict = {
  conclusion: 'success',
  title: 'The policy is removed',
  summary: 'Without the file, the defaults apply once this is on the default branch.',
  annotations: [],
};

const validVerdict: PolicyVerdict = {
  conclusion: 'success',
  title: 'The policy is valid',
  summary: 'It takes effect once it is on the default branch.',
  annotations: [],
};

const evaluatePolicy = async (
  { repository, head }: ChangedPullRequest,
  { files, codeOwners, readPolicy }: PolicyCheckPorts,
): Promise<PolicyVerdict> => {
  const file = await files.read(repository, policyPath, head, maxPolicyBytes);
  if (file.outcome !== 'read') return toFailureVerdict([toUnreadableProblem(file.outcome, file.bytes)]);
  const policy = await readPolicy(file.text);
  if ('mistakes' in policy) return toFailureVerdict(policy.mistakes);
  // Read at the pull request's head, because it may add the owners.
  const isOpen = await isPolicyUnprotected(policy.policy, repository, codeOwners, head);
  return isOpen
    ? { ...validVerdict, summary: `${validVerdict.summary}\n\n${unprotectedPolicyWarning}` }
    : validVerdict;
};

const toFailureVerdict = (mistakes: readonly PolicyProblem[]): PolicyVerdict => ({
  conclusion: 'failure',
  title: mistakes.length === 1 ? 'The policy has a problem' : `The policy has ${mistakes.length} problems`,
  summary: 'On the default branch, a policy with a problem refuses every command.',
  annotations: mistakes.map((problem) => ({
    path: policyPath,
    line: problem.line,
    message: formatProblemMessage(problem),
  })),
});
