import type { TrustRule } from './settings.ts';
import type { Claims } from './token.ts';

/** Whether all that a rule asks for holds of a run. */
export const isTrusted = (rule: TrustRule, claims: Claims): boolean =>
  rule.repositoryId === claims.repository_id &&
  (rule.ref === undefined || matches(rule.ref, claims.ref)) &&
  (rule.environment === undefined || rule.environment === claims.environment) &&
  (rule.eventName === undefined || rule.eventName.includes(claims.event_name ?? '')) &&
  (rule.workflowRef === undefined || isOfWorkflow(rule.workflowRef, claims));

const isOfWorkflow = (wanted: string, { workflow_ref, job_workflow_ref }: Claims): boolean =>
  [workflow_ref, job_workflow_ref].some((ref) =>
    wanted.includes('@') ? matches(wanted, ref) : wanted === fileOf(ref),
  );

/** A workflow's file: up to the last `.yml@`, so that no name of a file or of a branch passes for another file. */
const fileOf = (ref = ''): string | undefined => /^(.+\.ya?ml)@/.exec(ref)?.[1];

/** `*` stands for anything but "/", `**` for anything. */
const matches = (pattern: string, value: string | undefined): boolean => {
  if (value === undefined) return false;
  const parts = pattern.split(/(\*\*|\*)/).map((part) => wildcards[part] ?? RegExp.escape(part));
  return new RegExp(`^${parts.join('')}$`, 's').test(value);
};

const wildcards: Readonly<Record<string, string>> = { '*': '[^/]*', '**': '.*' };

/** The host whose tokens an issuer makes, as it stands in a job's origin. */
export const hostOf = (issuer: string): string => {
  const { hostname } = new URL(issuer);
  if (hostname === 'token.actions.githubusercontent.com') return 'github.com';
  return hostname.replace(/^token\.actions\.(?=[^.]+\.ghe\.com$)/, '');
};
