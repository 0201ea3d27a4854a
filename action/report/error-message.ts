import { OrchestratorError } from '../../compute/client/index.ts';
import { isNotFoundOrForbidden, getStatus } from '../../chatops/github/api-client.ts';
import { WriteRefusedError } from '../../chatops/github/ports.ts';
import type { ActionInputs } from '../inputs/inputs.ts';

/** Returns the message of an error with its causes and remedies. It contains no credentials: those are sent only in headers. */
export const formatErrorMessage = (fault: unknown, inputs: ActionInputs | undefined): string =>
  [formatErrorChain(fault), ...getRemedies(fault, inputs)].join('\n');

const listMessages = (fault: unknown): [string, ...string[]] => {
  if (!(fault instanceof Error)) return [String(fault)];
  const message = fault.message === '' ? fault.name : fault.message;
  return fault.cause === undefined ? [message] : [message, ...listMessages(fault.cause)];
};

const formatErrorChain = (fault: unknown): string => {
  const messages = listMessages(fault);
  const root = messages.at(-1) ?? '';
  return messages.slice(0, -1).reduceRight((why, message) => {
    // Octokit repeats the message of the cause.
    if (why.startsWith(message)) return why;
    // The orchestrator's client ends its message with that of the first cause.
    return message.endsWith(root) ? message : `${message}: ${why}`;
  }, root);
};

const getRemedies = (fault: unknown, inputs: ActionInputs | undefined): string[] => {
  if (!inputs) return [];
  if (!(fault instanceof OrchestratorError)) return getGitHubRemedies(fault);
  const { status } = fault;
  if (status === 401) return [getUnauthorizedRemedy(inputs)];
  if (status === 403) return [getForbiddenRemedy(inputs)];
  const isWrongAddress = status === 404 || (status === null && fault.message.startsWith('The orchestrator '));
  if (!isWrongAddress) return [];
  const url = JSON.stringify(inputs['orchestrator-url']);
  return [
    `The input orchestrator-url, ${url}, must be the orchestrator’s address, without "/api", and the runner must be able to reach it.`,
  ];
};

/** Returns remedies for a call that GitHub refused; none if none is known. */
export const getGitHubRemedies = (fault: unknown): string[] => {
  const response = fault instanceof WriteRefusedError ? fault.cause : fault;
  const status = getStatus(response);
  // A 403 can also be a rate limit or concern the thread; its own message then says so.
  const isPlain = status === 403 && (fault instanceof WriteRefusedError || !isNotFoundOrForbidden(response));
  const remedy = isPlain ? undefined : gitHubRemedies.get(status ?? 0);
  return remedy === undefined ? [] : [remedy];
};

const gitHubRemedies: ReadonlyMap<number, string> = new Map([
  [
    401,
    'GitHub rejected a token: it is invalid or has expired. Remove the input github-token, and check org-token.',
  ],
  [
    403,
    'GitHub denied access: set the job’s "permissions" as in docs/action.md, such as "issues: write" to write a reply.',
  ],
  [
    404,
    'GitHub could not find this: it does not exist, or the job’s "permissions" do not allow access to it, such as "contents: read" and "issues: write".',
  ],
]);

/** The orchestrator's own message names the missing scope. */
const getForbiddenRemedy = (inputs: ActionInputs): string =>
  inputs['orchestrator-key'] === undefined
    ? 'Allow this with a rule in the orchestrator’s COXSWAIN_TRUST.'
    : 'Grant the key of the input orchestrator-key this scope in the orchestrator’s COXSWAIN_KEYS.';

/** The orchestrator's own message says what it requires, but not why it rejected the credential. */
const getUnauthorizedRemedy = (inputs: ActionInputs): string => {
  if (inputs['orchestrator-key'] !== undefined)
    return 'The input orchestrator-key must be a key that the orchestrator knows.';
  const audience = JSON.stringify(inputs.audience ?? inputs['orchestrator-url']);
  if (inputs['azure-client-id'] !== undefined)
    return `The Entra token was issued for the audience ${audience}: the orchestrator’s COXSWAIN_ENTRA_AUDIENCE must have this value, and its COXSWAIN_TRUST must trust the application ${inputs['azure-client-id']}. The orchestrator’s log contains the reason.`;
  return `The token of this job was issued for the audience ${audience}: the orchestrator’s COXSWAIN_AUDIENCE must have this value, and its COXSWAIN_TRUST must trust this workflow. The orchestrator’s log contains the reason.`;
};
