import type { TokenCredential } from '@azure/identity';
import type { ContainerInstancesSettings } from './settings.ts';

/**
 * Returns the credential of the orchestrator's identity. In a pod with Microsoft Entra Workload ID, it exchanges the service account's
 * token; elsewhere, it asks the managed identity's endpoint (`IDENTITY_ENDPOINT`, if it is set). The SDK is loaded for the first token, so
 * that it does not slow down a cold start.
 */
export const createAzureCredential = ({
  COXSWAIN_IDENTITY: clientId,
  AZURE_FEDERATED_TOKEN_FILE: tokenFilePath,
}: ContainerInstancesSettings): TokenCredential => {
  let credential: Promise<TokenCredential> | undefined;
  const load = async (): Promise<TokenCredential> => {
    const { ManagedIdentityCredential, WorkloadIdentityCredential } = await import('@azure/identity');
    const options = clientId === undefined ? {} : { clientId };
    return tokenFilePath === undefined
      ? new ManagedIdentityCredential(options)
      : new WorkloadIdentityCredential({ ...options, tokenFilePath });
  };
  return {
    getToken: async (...request) => (await (credential ??= load())).getToken(...request),
  };
};
