#! /bin/bash
# Stops a virtual machine, as the runner's managed identity. A login that fails must not look like a machine that stopped.
set -euo pipefail
az login --identity
az vm stop --resource-group "${ResourceGroupName}" --name "${VMName}"
