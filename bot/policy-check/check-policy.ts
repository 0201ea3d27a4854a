import * as v from 'valibot';
import { ask, ownerAndName, type Octokit } from '../../chatops/github/api-client.ts';
import { policyPath } from '../../chatops/github/policy-loader.ts';
import type { Check, Checks, CodeOwners, Files } from '../../chatops/github/ports.ts';
import { largestPolicy, unreadFile, type PolicyReader } from '../../chatops/policy/index.ts';
import type { PolicyMistake } from '../../chatops/policy/policy.ts';
import { policyUnprotected } from '../../chatops/reply/answers/index.ts';
import { isUnprotected } from '../../chatops/policy-protection.ts';
import type { ChangedPull } from '../server/pull.ts';

const name = 'coxswain policy';

export type PolicyCheckPorts = {
  octokit: Octokit;
  files: Files;
  codeOwners: CodeOwners;
  checks: Pick<Checks, 'put'>;
  readPolicy: PolicyReader;
};

const ChangedFiles = v.array(
  v.object({ filename: v.string(), previous_filename: v.optional(v.string()), status: v.string() }),
);

const pageSize = 100;
/** GitHub lists no more than 3 000 files of a pull request. */
const mostPages = 30;

/**
 * Puts a check run on a pull request that changes the policy file: its mistakes, each at its line.
 * @returns what it came to, in a word of the metric
 */
export const checkPolicy = async (pull: ChangedPull, ports: PolicyCheckPorts): Promise<string> => {
  const change = await policyChange(pull, ports.octokit);
  if (change === 'none') return 'policy-unchanged';
  const verdict = change === 'removed' ? removed : await verdictOn(pull, ports);
  const check: Check = { name, commit: pull.head, externalId: null, ...verdict };
  await ports.checks.put(pull.repository, check);
  return verdict.conclusion === 'success' ? 'policy-right' : 'policy-wrong';
};

const policyChange = async (pull: ChangedPull, octokit: Octokit): Promise<'none' | 'changed' | 'removed'> => {
  const where = { ...ownerAndName(pull.repository.name), pull_number: pull.number };
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files';
  for (let page = 1; page <= mostPages; page += 1) {
    const files = await ask(octokit, ChangedFiles, route, { ...where, per_page: pageSize, page });
    const own = files.find(({ filename }) => filename === policyPath);
    if (own) return own.status === 'removed' ? 'removed' : 'changed';
    if (files.some(({ previous_filename: before }) => before === policyPath)) return 'removed';
    if (files.length < pageSize) return 'none';
  }
  return 'none';
};

type Verdict = Pick<Check, 'conclusion' | 'title' | 'summary' | 'annotations'>;

const removed: Verdict = {
  conclusion: 'success',
  title: 'The policy is removed',
  summary: 'Without the file the defaults hold, once that is on the default branch.',
  annotations: [],
};

const right: Verdict = {
  conclusion: 'success',
  title: 'The policy is right',
  summary: 'It holds once it is on the default branch.',
  annotations: [],
};

const verdictOn = async (
  { repository, head }: ChangedPull,
  { files, codeOwners, readPolicy }: PolicyCheckPorts,
): Promise<Verdict> => {
  const file = await files.read(repository, policyPath, head, largestPolicy);
  if (file.outcome !== 'read') return wrong([unreadFile(file.outcome, file.bytes)]);
  const policy = await readPolicy(file.text);
  if ('mistakes' in policy) return wrong(policy.mistakes);
  // The pull request may add the owners.
  const isOpen = await isUnprotected(policy.policy, repository, codeOwners, head);
  return isOpen ? { ...right, summary: `${right.summary}\n\n${policyUnprotected}` } : right;
};

const wrong = (mistakes: readonly PolicyMistake[]): Verdict => ({
  conclusion: 'failure',
  title: mistakes.length === 1 ? 'The policy has a mistake' : `The policy has ${mistakes.length} mistakes`,
  summary: 'On the default branch a policy with a mistake refuses every command.',
  annotations: mistakes.map(({ line, path, message, expected, received }) => ({
    path: policyPath,
    line,
    message: [
      path === '' ? message : `${path}: ${message}`,
      ...(expected === null ? [] : [`Expected ${expected}.`]),
      ...(received === null ? [] : [`Received ${received}.`]),
    ].join('\n'),
  })),
});
