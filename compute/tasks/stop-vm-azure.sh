#! /bin/bash
# Stops a virtual machine, as the runner's managed identity. A login that fails must not look like a machine that stopped.
set -euo pipefail
if ! command -v az >/dev/null; then
  echo 'This task needs the Azure CLI (az), which its image contains, and an identity that is allowed to stop the machine.'
  echo 'This machine has no Azure CLI. Nothing was stopped.'
  exit 127
fi
# A machine can have several identities. The runner says which one the definition names.
az login --identity ${AZURE_CLIENT_ID:+--client-id "$AZURE_CLIENT_ID"}
az vm stop --resource-group "${ResourceGroupName}" --name "${VMName}"
