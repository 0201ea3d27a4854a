import * as v from 'valibot';
import { InputError } from '../inputs/inputs.ts';
import { requireSecureAddress } from '../inputs/secure-address.ts';

const text = v.pipe(v.string('a string'), v.nonEmpty('a string'));
const number = v.pipe(v.string('an integer'), v.regex(/^\d{1,15}$/, 'an integer'), v.transform(Number));

const Variables = v.object({
  GITHUB_SERVER_URL: v.optional(v.pipe(text, v.url('an address')), 'https://github.com'),
  GITHUB_API_URL: v.optional(text, 'https://api.github.com'),
  GITHUB_REPOSITORY: v.pipe(text, v.regex(/^[^/\s]+\/[^/\s]+$/, 'owner/name')),
  GITHUB_REPOSITORY_ID: number,
  GITHUB_RUN_ID: text,
  GITHUB_RUN_ATTEMPT: v.optional(number, '1'),
  GITHUB_JOB: text,
  GITHUB_ACTION: text,
  GITHUB_REF: v.optional(v.string(), ''),
  GITHUB_SHA: v.optional(v.string(), ''),
  GITHUB_EVENT_NAME: text,
  GITHUB_EVENT_PATH: v.optional(text),
  GITHUB_ACTOR: text,
  GITHUB_ACTOR_ID: number,
  GITHUB_TRIGGERING_ACTOR: v.optional(text),
  GITHUB_STEP_SUMMARY: v.optional(v.string(), ''),
});

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The run, step and event that this process belongs to. */
export type RunnerContext = {
  /** `github.com`, or the host of a GitHub Enterprise Server; without a port, as in the ids of jobs. */
  host: string;
  repository: { id: number; name: string };
  run: { id: string; attempt: number; job: string; step: string };
  /**
   * An id that is unique to this step of this run; null if the runner does not provide one. `run` is the same for all calls of a reusable
   * workflow or composite action. GitHub documents that each step has a different summary file; its name ends in a GUID.
   */
  execution: string | null;
  ref: string;
  commit: string;
  event: { name: string; path: string | undefined };
  /** The user who started the run. */
  actor: { id: number; login: string };
  /** The login of the user who started this attempt. */
  triggeringActor: string;
  /** The address of the repository's page. */
  page: string;
};

/** Reads the runner's environment variables. @throws InputError */
export const readRunnerContext = (environment: NodeJS.ProcessEnv): RunnerContext => {
  const names = Object.keys(Variables.entries);
  const texts = Object.fromEntries(names.map((name) => [name, environment[name] || undefined]));
  const read = v.safeParse(Variables, texts);
  if (!read.success) throw new InputError(read.issues.map(formatIssue));
  const variables = read.output;
  requireSecureAddress("The runner's GITHUB_API_URL", variables.GITHUB_API_URL, environment);
  return {
    host: new URL(variables.GITHUB_SERVER_URL).hostname,
    repository: { id: variables.GITHUB_REPOSITORY_ID, name: variables.GITHUB_REPOSITORY },
    run: {
      id: variables.GITHUB_RUN_ID,
      attempt: variables.GITHUB_RUN_ATTEMPT,
      job: variables.GITHUB_JOB,
      step: variables.GITHUB_ACTION,
    },
    execution: guid.exec(variables.GITHUB_STEP_SUMMARY)?.[0] ?? null,
    ref: variables.GITHUB_REF,
    commit: variables.GITHUB_SHA,
    event: { name: variables.GITHUB_EVENT_NAME, path: variables.GITHUB_EVENT_PATH },
    actor: { id: variables.GITHUB_ACTOR_ID, login: variables.GITHUB_ACTOR },
    triggeringActor: variables.GITHUB_TRIGGERING_ACTOR ?? variables.GITHUB_ACTOR,
    page: `${variables.GITHUB_SERVER_URL}/${variables.GITHUB_REPOSITORY}`,
  };
};

const formatIssue = (issue: v.BaseIssue<unknown>): string => {
  const received = issue.input === undefined ? 'nothing' : JSON.stringify(issue.input);
  return `The runner's ${v.getDotPath(issue)}: expected ${issue.message.replace(/^Invalid.*/, 'a string')}, received ${received}. This program must be started by a GitHub Actions runner.`;
};
