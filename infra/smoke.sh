#!/usr/bin/env bash
# Asks a deployed app whether it is up and whether its doors are shut, then speaks the contract with it. No wallet is delinked, and nothing
# reaches Juspay.
#
# WALLETFUNCTIONS_BASE_URL   https://func-delink-….azurewebsites.net
# WALLETFUNCTIONS_KEY        a function key of a merchant
# WALLETFUNCTIONS_TOKEN      an access token of Entra, where the app asks for one
set -euo pipefail
cd "$(dirname "$0")/.."

: "${WALLETFUNCTIONS_BASE_URL:?is missing}" "${WALLETFUNCTIONS_KEY:?is missing}"
export WALLETFUNCTIONS_BASE_URL=${WALLETFUNCTIONS_BASE_URL%/}
unset WALLETFUNCTIONS_WALLET_ID

# Headers with credentials go through standard input, since a command line is there for everybody to see.
status() {
    local headers=$1 path=$2
    shift 2
    printf '%s' "$headers" | curl --silent --output /dev/null --write-out '%{http_code}' --max-time 30 --header @- "$@" "$WALLETFUNCTIONS_BASE_URL$path" || true
}

expect() {
    local expected=$1 what=$2 actual=$3
    if [ "$actual" != "$expected" ]; then
        echo "$what: $actual instead of $expected" >&2
        exit 1
    fi
    echo "$what: $actual"
}

token=${WALLETFUNCTIONS_TOKEN:+Authorization: Bearer $WALLETFUNCTIONS_TOKEN}
key="x-functions-key: $WALLETFUNCTIONS_KEY"
both=$key${token:+$'\n'$token}
delink=(--request POST --data command=delink --header 'x-routing-id: smoke')
wallet=/wallets/wlt_ofNobody0000000000

# A deployment, a new key and a new role each take minutes to be known everywhere.
for _ in $(seq 60); do
    [ "$(status "$both" /health/ready)" != 200 ] || break
    sleep 5
done
expect 200 'ready, with the key of Juspay at hand' "$(status "$both" /health/ready)"
expect 200 'health, without any credential' "$(status '' /health)"
expect 401 'delink without any credential' "$(status '' "$wallet" "${delink[@]}")"
expect 401 'delink with a key that there is not' "$(status "x-functions-key: none${token:+$'\n'$token}" "$wallet" "${delink[@]}")"
# The answer has to be the app's own: a 401 of the platform would shut webhooks out.
curl --silent --max-time 30 --header 'Content-Type: application/json' --data '{}' "$WALLETFUNCTIONS_BASE_URL/webhooks/delink" |
    grep --quiet --extended-regexp '"(invalid_signature|webhook_secret_not_configured|webhook_secret_unavailable)"' ||
    { echo 'webhook without a signature: not refused by the app' >&2; exit 1; }
echo 'webhook without a signature: refused by the app'
if [ -n "$token" ]; then
    expect 401 'delink with a key, without a token' "$(status "$key" "$wallet" "${delink[@]}")"
    expect 401 'delink with a token, without a key' "$(status "$token" "$wallet" "${delink[@]}")"
fi

dotnet test tests/WalletFunctions.Tests --filter FullyQualifiedName~ContractTests
