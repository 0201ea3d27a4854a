/**
 * Returns what is wrong with the value of a setting if it is a reference to a Key Vault: Azure Functions puts the secret in its place, or
 * leaves the reference as it is if it cannot read the secret. Anyone could guess the reference and use it as the key.
 * Source: https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
 */
export const findUnresolvedReference = (value: string | undefined): string | undefined =>
  value?.startsWith('@Microsoft.KeyVault(')
    ? 'expected a value, received a Key Vault reference that Azure could not resolve. Give the app’s identity the role Key Vault Secrets User, and check the name of the secret.'
    : undefined;
