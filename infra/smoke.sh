#!/usr/bin/env bash
# Checks that a deployed app is running and refuses callers without a key, and that its queues, if it has some, have a function and are closed to
# others. Then it runs the contract tests. No wallet is delinked, and no request reaches Juspay.
#
# infra/smoke.sh GROUP   tests the app of a resource group. Values that are not set below are read from Azure. The deployed app decides whether a token is
#                        needed.
# infra/smoke.sh         tests the app that the variables name.
#
# WALLETFUNCTIONS_BASE_URL   https://func-delink-….azurewebsites.net
# WALLETFUNCTIONS_KEY        a function key of a merchant; with GROUP, the default is the app's default key
# WALLETFUNCTIONS_TOKEN      an Entra access token, if the app requires one; with GROUP, the default is one for the principal that az is signed in as, which must
#                            be one of the app's callers
set -euo pipefail
cd "$(dirname "$0")/.."

# Repeats a command until it succeeds and prints something, because a deployment, a new key and a new role each take minutes to become effective.
eventually() {
    local value=
    for _ in $(seq 60); do
        if value=$("$@") && [ -n "$value" ]; then
            break
        fi
        sleep "${SMOKE_PAUSE:-5}"
    done
    printf '%s' "$value"
}

if [ $# -gt 0 ]; then
    group=$1
    app=$(az functionapp list --resource-group "$group" --query '[0].name' --output tsv)
    [ -n "$app" ] || { echo "There is no function app in $group." >&2; exit 1; }
    id=$(az functionapp show --resource-group "$group" --name "$app" --query id --output tsv)
    WALLETFUNCTIONS_BASE_URL=https://$(az functionapp show --resource-group "$group" --name "$app" --query defaultHostName --output tsv)
    if [ -z "${WALLETFUNCTIONS_KEY:-}" ]; then
        WALLETFUNCTIONS_KEY=$(eventually az functionapp keys list --resource-group "$group" --name "$app" --query functionKeys.default --output tsv)
    fi
    client=$(az rest --method get --url "$id/config/authsettingsV2?api-version=2025-03-01" --output tsv \
        --query 'properties.platform.enabled && properties.identityProviders.azureActiveDirectory.registration.clientId || `""`')
    if [ -z "$client" ]; then
        WALLETFUNCTIONS_TOKEN=
    elif [ -z "${WALLETFUNCTIONS_TOKEN:-}" ]; then
        WALLETFUNCTIONS_TOKEN=$(az account get-access-token --scope "api://$client/.default" --query accessToken --output tsv) || true
        [ -n "$WALLETFUNCTIONS_TOKEN" ] || {
            echo 'The app requires a token from Entra, and az gets none. Set WALLETFUNCTIONS_TOKEN: infra/README.md, "Callers with an Entra token".' >&2
            exit 1
        }
    fi
    export WALLETFUNCTIONS_KEY WALLETFUNCTIONS_TOKEN
    queues=$(az functionapp config appsettings list --resource-group "$group" --name "$app" --query "[?name=='Intake__queueServiceUri'].value" --output tsv)
fi
: "${WALLETFUNCTIONS_BASE_URL:?is missing}" "${WALLETFUNCTIONS_KEY:?is missing}"
export WALLETFUNCTIONS_BASE_URL=${WALLETFUNCTIONS_BASE_URL%/}
unset WALLETFUNCTIONS_WALLET_ID

# Headers with credentials are passed through standard input, because other users can see a command line.
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

ready() { [ "$(status "$both" /health/ready)" = 200 ] && echo ready; }
eventually ready > /dev/null
expect 200 'ready, with the Juspay API key available' "$(status "$both" /health/ready)"
expect 200 'health, without any credential' "$(status '' /health)"
expect 401 'delink without any credential' "$(status '' "$wallet" "${delink[@]}")"
# A response from another source, such as the host's home page, would be 200 here.
root=$(status "$both" / --request POST --data command=delink)
case $root in
    404 | 405) echo "POST to the root: $root" ;;
    *) echo "POST to the root: $root instead of 404" >&2; exit 1 ;;
esac
expect 401 'delink with a key that there is not' "$(status "x-functions-key: none${token:+$'\n'$token}" "$wallet" "${delink[@]}")"
# The answer must come from the app, because a 401 of the platform would block webhooks.
curl --silent --max-time 30 --header 'Content-Type: application/json' --data '{}' "$WALLETFUNCTIONS_BASE_URL/webhooks/delink" |
    grep --quiet --extended-regexp '"(invalid_signature|webhook_secret_not_configured|webhook_secret_unavailable)"' ||
    { echo 'webhook without a signature: not refused by the app' >&2; exit 1; }
echo 'webhook without a signature: refused by the app'
if [ -n "$token" ]; then
    expect 401 'delink with a key, without a token' "$(status "$key" "$wallet" "${delink[@]}")"
    expect 401 'delink with a token, without a key' "$(status "$token" "$wallet" "${delink[@]}")"
fi

if [ -n "${queues:-}" ]; then
    trigger() { az functionapp function list --resource-group "$group" --name "$app" --query '[].name' --output tsv | grep 'DelinkAccepted$'; }
    [ -n "$(eventually trigger)" ] || { echo 'The app has a queue, but no function that takes messages out of it.' >&2; exit 1; }
    for queue in delink-events delink-events-failed; do
        # The network may refuse the connection, which is 000.
        case $(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 30 "${queues%/}/$queue/messages?peekonly=true" || true) in
            000 | 401 | 403 | 404) echo "queue $queue without any credential: refused" ;;
            *) echo "queue $queue without any credential: not refused" >&2; exit 1 ;;
        esac
    done
fi

dotnet test tests/WalletFunctions.Tests --filter FullyQualifiedName~ContractTests
