#!/usr/bin/env bash
# Stores a secret in the vault of a resource group. The value is prompted for, or read from standard input. It does not appear on a command line, in a file or in
# the output.
#
# infra/store-key.sh GROUP [SECRET [never]]
#
# SECRET   its name; the default is juspay-api-key
# never    no expiry date; otherwise it expires in a year, because an alert can only warn before an expiry date
set -euo pipefail

group=${1:?Give the resource group: infra/store-key.sh GROUP [SECRET [never]]}
secret=${2:-juspay-api-key}
expires=()
if [ "${3:-}" != never ]; then
    # The first form is for GNU date, the second for macOS.
    expires=(--expires "$(date -u -d '+365 days' +%Y-%m-%dT%H:%M:%SZ 2> /dev/null || date -u -v+365d +%Y-%m-%dT%H:%M:%SZ)")
fi

vault=$(az keyvault list --resource-group "$group" --query '[0].name' --output tsv)
[ -n "$vault" ] || { echo "There is no vault in $group." >&2; exit 1; }

if [ -t 0 ]; then
    read -rsp "$secret: " value
    echo
else
    value=$(cat)
fi
[ -n "$value" ] || { echo 'Nothing was entered, so nothing is stored.' >&2; exit 1; }

# A new role assignment takes some minutes to become effective.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    if printf '%s' "$value" | az keyvault secret set --vault-name "$vault" --name "$secret" --file /dev/stdin --encoding utf-8 \
        ${expires[@]+"${expires[@]}"} --output none; then
        echo "$secret is stored in $vault."
        exit 0
    fi
    [ "$attempt" = 10 ] || sleep "${STORE_KEY_PAUSE:-30}"
done
echo "The secret could not be stored. Check that you are one of the secretOfficers and that the vault's network admits your address (operatorAddresses)." >&2
exit 1
