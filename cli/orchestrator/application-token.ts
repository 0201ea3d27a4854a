import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  WorkloadIdentityCredential,
  type TokenCredential,
} from '@azure/identity';
import { registerSecret } from '../../runtime/secrets.ts';
import { UsageError } from '../cli-error.ts';

/* Loaded only with --audience: the library is larger than the rest of the command line. */

/**
 * Returns a function that requests an access token for an application, as Azure's libraries find it in the environment: a secret, a
 * certificate, a federated token, or else the machine's managed identity. The library caches tokens. Sign-ins of people (`az login`,
 * `AZURE_USERNAME`) are not used.
 * Source: https://learn.microsoft.com/javascript/api/overview/azure/identity-readme#environment-variables
 */
export const createApplicationToken = (
  audience: string,
  environment: NodeJS.ProcessEnv,
): ((signal: AbortSignal) => Promise<string>) => {
  const credential = selectCredential(environment);
  return async (signal) => {
    const access = await credential.getToken(`${audience}/.default`, { abortSignal: signal });
    if (!access) throw new Error(`Entra issued no token for ${audience}`);
    registerSecret(access.token);
    return access.token;
  };
};

const selectCredential = (environment: NodeJS.ProcessEnv): TokenCredential => {
  const {
    AZURE_TENANT_ID: tenant,
    AZURE_CLIENT_ID: client,
    AZURE_CLIENT_SECRET: secret,
    AZURE_CLIENT_CERTIFICATE_PATH: certificate,
    AZURE_FEDERATED_TOKEN_FILE: federated,
  } = environment;
  const ofMachine = !secret && !certificate && !federated;
  if (ofMachine) return new ManagedIdentityCredential(client ? { clientId: client } : {});
  if (!tenant || !client)
    throw new UsageError('--audience: expected AZURE_TENANT_ID and AZURE_CLIENT_ID in the environment.');
  if (secret) return new ClientSecretCredential(tenant, client, secret);
  if (certificate) return new ClientCertificateCredential(tenant, client, certificate);
  return new WorkloadIdentityCredential({ tenantId: tenant, clientId: client });
};
