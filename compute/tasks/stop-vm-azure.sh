#! /bin/bash
# Stops a virtual machine, as the runner's managed identity. A login that fails must not look like a machine that stopped.
set -euo pipefail
if ! command -v az >/dev/null; then
  echo 'This task needs the Azure CLI (az), which its image contains, and an identity that is allowed to stop the machine.'
  echo 'This machine has no Azure CLI. Nothing was stopped.'
  exit 127
fi
az login --identity
az vm stop --resource-group "${ResourceGroupName}" --name "${VMName}"
