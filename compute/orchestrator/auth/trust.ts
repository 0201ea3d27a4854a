import * as v from 'valibot';
import type { WorkflowRule } from './rules.ts';

/**
 * What a workflow's token says of its run, as far as rules ask for it. The repository is known by its id alone: names, and either
 * form of `sub` (`repo:owner/name:…`, `repo:owner@id/name@id:…`), do not count.
 * Source: https://docs.github.com/actions/reference/security/oidc
 */
export const WorkflowClaims = v.object({
  repository_id: v.pipe(v.string(), v.regex(/^\d{1,15}$/)),
  ref: v.optional(v.string()),
  /** Only of a job in an environment. */
  environment: v.optional(v.string()),
  event_name: v.optional(v.string()),
  /** The workflow of the run, and that of the job: they differ if the job is a reusable workflow's. */
  workflow_ref: v.optional(v.string()),
  job_workflow_ref: v.optional(v.string()),
});
export type WorkflowClaims = v.InferOutput<typeof WorkflowClaims>;

/** Whether all that a rule asks for holds of a run. */
export const isTrusted = (rule: WorkflowRule, claims: WorkflowClaims): boolean =>
  rule.repositoryId === claims.repository_id &&
  (rule.ref === undefined || matches(rule.ref, claims.ref)) &&
  (rule.environment === undefined || rule.environment === claims.environment) &&
  (rule.eventName === undefined || rule.eventName.includes(claims.event_name ?? '')) &&
  (rule.workflowRef === undefined || isInWorkflow(rule.workflowRef, claims));

const isInWorkflow = (workflowRef: string, { workflow_ref, job_workflow_ref }: WorkflowClaims): boolean =>
  [workflow_ref, job_workflow_ref].some((ref) =>
    workflowRef.includes('@') ? matches(workflowRef, ref) : workflowRef === getWorkflowFile(ref),
  );

/** A workflow's file: up to the last `.yml@`, so that no name of a file or of a branch passes for another file. */
const getWorkflowFile = (ref = ''): string | undefined => /^(.+\.ya?ml)@/.exec(ref)?.[1];

/**
 * `*` stands for anything but "/", `**` for anything. Anybody who can push a branch chooses the value, so the work is at most the
 * pattern's length times the value's; a regular expression with several wildcards would try all their lengths together.
 */
const matches = (pattern: string, value: string | undefined): boolean => {
  if (value === undefined) return false;
  const parts = pattern.split(/(\*\*|\*)/);
  const ends = parts.reduce((reached, part) => advance(reached, part, value), new Set([0]));
  return ends.has(value.length);
};

/** Returns how many characters of a value can be matched by one more part of a pattern, where so many were matched before. */
const advance = (reached: ReadonlySet<number>, part: string, value: string): Set<number> => {
  if (part !== '*' && part !== '**') {
    const starts = [...reached].filter((end) => value.startsWith(part, end));
    return new Set(starts.map((end) => end + part.length));
  }
  const further = new Set<number>();
  for (const start of reached)
    for (let end = start; end <= value.length && !further.has(end); end += 1) {
      further.add(end);
      if (part === '*' && value[end] === '/') break;
    }
  return further;
};

/** The host whose tokens an issuer makes, as it stands in a job's origin. */
export const getIssuerHost = (issuer: string): string => {
  const { hostname } = new URL(issuer);
  if (hostname === 'token.actions.githubusercontent.com') return 'github.com';
  return hostname.replace(/^token\.actions\.(?=[^.]+\.ghe\.com$)/, '');
};
