import type { HttpOptions } from '../../compute/client/index.ts';
import type { EntraCall } from './entra.ts';
import { idTokenOf } from './id-token.ts';
import { InputError, type Inputs } from '../inputs/inputs.ts';
import { requireSecure } from '../inputs/secure-address.ts';

/**
 * How the orchestrator is reached: with the key, as an application of Entra, or with the workflow job's own OIDC token. That lives
 * for five minutes, so it is asked for anew for each call.
 * @param until ends a call that begins now
 * @throws InputError if there is nothing of these, or Entra gives no token
 */
export const orchestratorOf = async (
  inputs: Inputs,
  environment: NodeJS.ProcessEnv,
  until: () => AbortSignal,
): Promise<HttpOptions> => {
  const url = inputs['orchestrator-url'];
  if (url === undefined)
    throw new InputError(['Input orchestrator-url: expected an address, received nothing.']);
  const key = inputs['orchestrator-key'];
  if (key !== undefined) return { url, key, until };
  const ownToken = idTokenOf(environment);
  if (!ownToken) throw new InputError([noCredential]);
  const entra = entraCallOf(inputs);
  if (!entra) return { url, until, token: (signal) => ownToken(inputs.audience ?? url, signal) };
  const { openEntra } = await import('./entra.ts');
  const authority = environment['AZURE_AUTHORITY_HOST'] || undefined;
  if (authority !== undefined) requireSecure('AZURE_AUTHORITY_HOST', authority, environment);
  const answer = await openEntra(entra, { ownToken, authority, until: until() });
  if (answer.outcome === 'refused') throw new InputError([refused(entra, answer.reason)]);
  return { url, until, token: answer.token };
};

const entraCallOf = ({
  'azure-tenant-id': tenant,
  'azure-client-id': client,
  audience,
}: Inputs): EntraCall | undefined =>
  tenant === undefined || client === undefined || audience === undefined
    ? undefined
    : { tenant, client, audience };

const noCredential =
  'Input orchestrator-key: expected a key, or that the job may ask for an OIDC token; received neither. Set "permissions: id-token: write" for the job, or the input from a secret. The run of a pull request from a fork has neither: let it use "mode: validate" alone, and give commands in comments.';

const refused = ({ tenant, client, audience }: EntraCall, reason: string): string =>
  `Inputs azure-tenant-id, azure-client-id and audience: expected that Entra lets ${client} of ${tenant} call ${audience}, received its refusal. Compare them, and the federated credential of that application, with what it says: ${reason}`;
