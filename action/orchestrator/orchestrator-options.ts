import type { HttpOptions } from '../../compute/client/index.ts';
import type { EntraTokenRequest } from './entra.ts';
import { getIdTokenSource } from './id-token.ts';
import { InputError, type ActionInputs } from '../inputs/inputs.ts';
import { requireSecureAddress } from '../inputs/secure-address.ts';

/**
 * How the orchestrator is reached: with the key, as an application of Entra, or with the workflow job's own OIDC token. That lives
 * for five minutes, so it is asked for anew for each call.
 * @param until ends a call that begins now
 * @throws InputError if there is nothing of these, or Entra gives no token
 */
export const getOrchestratorOptions = async (
  inputs: ActionInputs,
  environment: NodeJS.ProcessEnv,
  until: () => AbortSignal,
): Promise<HttpOptions> => {
  const url = inputs['orchestrator-url'];
  if (url === undefined)
    throw new InputError(['Input orchestrator-url: expected an address, received nothing.']);
  const key = inputs['orchestrator-key'];
  if (key !== undefined) return { url, key, createDeadline: until };
  const requestIdToken = getIdTokenSource(environment);
  if (!requestIdToken) throw new InputError([missingCredential]);
  const entraRequest = getEntraTokenRequest(inputs);
  if (!entraRequest)
    return { url, createDeadline: until, token: (signal) => requestIdToken(inputs.audience ?? url, signal) };
  const { openEntra } = await import('./entra.ts');
  const authority = environment['AZURE_AUTHORITY_HOST'] || undefined;
  if (authority !== undefined) requireSecureAddress('AZURE_AUTHORITY_HOST', authority, environment);
  const answer = await openEntra(entraRequest, { requestIdToken, authority, until: until() });
  if (answer.outcome === 'refused') throw new InputError([formatEntraRefusal(entraRequest, answer.reason)]);
  return { url, createDeadline: until, token: answer.token };
};

const getEntraTokenRequest = ({
  'azure-tenant-id': tenant,
  'azure-client-id': client,
  audience,
}: ActionInputs): EntraTokenRequest | undefined =>
  tenant === undefined || client === undefined || audience === undefined
    ? undefined
    : { tenant, client, audience };

const missingCredential =
  'Input orchestrator-key: expected a key, or permission to request an OIDC token; received neither. Set "permissions: id-token: write" for the job, or set the input from a secret. Runs of pull requests from forks have neither: use only "mode: validate" there, and run commands with comments.';

const formatEntraRefusal = ({ tenant, client, audience }: EntraTokenRequest, reason: string): string =>
  `Inputs azure-tenant-id, azure-client-id and audience: expected an Entra application that may call ${audience} as ${client} of ${tenant}, received Entra’s refusal. Compare the inputs and the federated credential of the application with the reason: ${reason}`;
