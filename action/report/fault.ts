import { OrchestratorFault } from '../../compute/client/index.ts';
import type { Inputs } from '../inputs/inputs.ts';

/** A fault and its causes, and what can be done about it. They hold no credential: those travel in headers. */
export const wordsOf = (fault: unknown, inputs: Inputs | undefined): string =>
  [chainOf(fault), ...remedyOf(fault, inputs)].join('\n');

const chainOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return String(fault);
  const message = fault.message === '' ? fault.name : fault.message;
  return fault.cause === undefined ? message : `${message}: ${chainOf(fault.cause)}`;
};

/** Whoever is turned away is told by the orchestrator what is needed, and never what was wrong. */
const remedyOf = (fault: unknown, inputs: Inputs | undefined): string[] => {
  if (!inputs || !(fault instanceof OrchestratorFault) || (fault.status !== 401 && fault.status !== 403))
    return [];
  if (inputs['orchestrator-key'] !== undefined)
    return [
      'The input orchestrator-key has to be a key that the orchestrator knows, and that has the scopes for this.',
    ];
  const audience = JSON.stringify(inputs.audience ?? inputs['orchestrator-url']);
  if (inputs['azure-client-id'] !== undefined)
    return [
      `The token of Entra was made for the audience ${audience}: the orchestrator’s COXSWAIN_ENTRA_AUDIENCE has to be that, and its COXSWAIN_TRUST has to trust the application ${inputs['azure-client-id']}. Its log says what was wrong.`,
    ];
  return [
    `The token of this job was made for the audience ${audience}: the orchestrator’s COXSWAIN_AUDIENCE has to be that, and its COXSWAIN_TRUST has to trust this workflow. Its log says what was wrong.`,
  ];
};
