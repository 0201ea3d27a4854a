import type { HttpOptions } from '../../compute/client/index.ts';
import type { EntraTokenRequest } from './entra.ts';
import { getIdTokenSource } from './id-token.ts';
import { InputError, type ActionInputs } from '../inputs/inputs.ts';
import { requireSecureAddress } from '../inputs/secure-address.ts';

/**
 * Returns the client options for the orchestrator: with the key, as an Entra application, or with the job's own OIDC token. That token
 * is valid for five minutes, so a new one is requested for each call.
 * @param until returns the signal that ends a new call
 * @throws InputError if there is no credential, or Entra refuses a token
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
