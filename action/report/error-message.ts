import { OrchestratorError } from '../../compute/client/index.ts';
import { isNotFoundOrForbidden, getStatus } from '../../chatops/github/api-client.ts';
import { WriteRefusedError } from '../../chatops/github/ports.ts';
import type { ActionInputs } from '../inputs/inputs.ts';

/** A fault and its causes, and what can be done about it. They hold no credential: those travel in headers. */
export const formatErrorMessage = (fault: unknown, inputs: ActionInputs | undefined): string =>
  [formatErrorChain(fault), ...getRemedies(fault, inputs)].join('\n');

const formatErrorChain = (fault: unknown): string => {
  if (!(fault instanceof Error)) return String(fault);
  const message = fault.message === '' ? fault.name : fault.message;
  if (fault.cause === undefined) return message;
  const why = formatErrorChain(fault.cause);
  // Octokit tells of a call that failed in the words of its cause.
  return why.startsWith(message) ? why : `${message}: ${why}`;
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
    `The input orchestrator-url, ${url}, has to be the orchestrator’s own address, without "/api", and the runner has to reach it.`,
  ];
};

/** What to do where GitHub does not take a call; nothing if that is not known. */
export const getGitHubRemedies = (fault: unknown): string[] => {
  const response = fault instanceof WriteRefusedError ? fault.cause : fault;
  const status = getStatus(response);
  // A 403 may also be about how often we ask, or about the thread: that it says itself.
  const isPlain = status === 403 && (fault instanceof WriteRefusedError || !isNotFoundOrForbidden(response));
  const remedy = isPlain ? undefined : gitHubRemedies.get(status ?? 0);
  return remedy === undefined ? [] : [remedy];
};

const gitHubRemedies: ReadonlyMap<number, string> = new Map([
  [
    401,
    'That is GitHub’s answer: a token is wrong, or has run out. Leave the input github-token out, and look at org-token.',
  ],
  [
    403,
    'That is GitHub’s answer: the job’s "permissions" have to be those of docs/action.md, such as "issues: write" to write a reply.',
  ],
  [
    404,
    'That is GitHub’s answer: there is no such thing, or the job’s "permissions" do not show it, such as "contents: read" and "issues: write".',
  ],
]);

/** Whoever may not is told by the orchestrator what for. */
const getForbiddenRemedy = (inputs: ActionInputs): string =>
  inputs['orchestrator-key'] === undefined
    ? 'A rule in the orchestrator’s COXSWAIN_TRUST has to allow that.'
    : 'The key of the input orchestrator-key has to have the scope for that in the orchestrator’s COXSWAIN_KEYS.';

/** Whoever is turned away is told by the orchestrator what is needed, and never what was wrong. */
const getUnauthorizedRemedy = (inputs: ActionInputs): string => {
  if (inputs['orchestrator-key'] !== undefined)
    return 'The input orchestrator-key has to be a key that the orchestrator knows.';
  const audience = JSON.stringify(inputs.audience ?? inputs['orchestrator-url']);
  if (inputs['azure-client-id'] !== undefined)
    return `The token of Entra was made for the audience ${audience}: the orchestrator’s COXSWAIN_ENTRA_AUDIENCE has to be that, and its COXSWAIN_TRUST has to trust the application ${inputs['azure-client-id']}. The orchestrator’s log says what was wrong.`;
  return `The token of this job was made for the audience ${audience}: the orchestrator’s COXSWAIN_AUDIENCE has to be that, and its COXSWAIN_TRUST has to trust this workflow. The orchestrator’s log says what was wrong.`;
};
