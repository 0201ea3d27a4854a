import { getIDToken } from '@actions/core';
import type { HttpOptions } from '../compute/client/index.ts';
import { InputError, type Inputs } from './inputs.ts';

/**
 * How the orchestrator is reached: with the key, or with the workflow job's own OIDC token. That lives for five minutes, so it
 * is asked for anew for each call.
 * @throws InputError if there is neither
 */
export const orchestratorOf = (inputs: Inputs, environment: NodeJS.ProcessEnv): HttpOptions => {
  const url = inputs['orchestrator-url'];
  if (url === undefined)
    throw new InputError(['Input orchestrator-url: expected an address, received nothing.']);
  const key = inputs['orchestrator-key'];
  if (key !== undefined) return { url, key };
  if (!environment['ACTIONS_ID_TOKEN_REQUEST_URL']) throw new InputError([noCredential]);
  return { url, token: () => getIDToken(inputs.audience ?? url) };
};

const noCredential =
  'Input orchestrator-key: expected a key, or that the job may ask for an OIDC token; received neither. Set "permissions: id-token: write" for the job, or the input from a secret. The run of a pull request from a fork has neither: let it use "mode: validate" alone, and give commands in comments.';
