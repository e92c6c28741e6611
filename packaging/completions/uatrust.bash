# SPDX-License-Identifier: Apache-2.0
#
# bash completion of uatrust. Verbs and options are those that its help texts name; stores and thumbprints are the
# agent's, where it answers within half a second.

# The verbs in the help text of uatrust, or of uatrust own.
_uatrust_verbs()
{
        "$program" help "$@" 2>/dev/null | sed -nE 's/^  (own )?([a-z][a-z-]*) .*/\2/p'
}

_uatrust_options()
{
        "$program" help "$@" 2>/dev/null | sed -nE 's/^ +(-[A-Za-z], )?(--[a-z][a-z-]*).*/\2/p'
}

# What the agent has to offer: stores, rejected, judged, all or blocked.
_uatrust_ask()
{
        "$program" complete "${store[@]}" -- "$1" 2>/dev/null | cut -f1
}

_uatrust_offer()
{
        mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word")
}

# Return: 1: it is no option with a value that is known.
_uatrust_value()
{
        case $1 in
        --store) _uatrust_offer "$(_uatrust_ask stores)" ;;
        --purpose) _uatrust_offer "client server user https" ;;
        --list) _uatrust_offer "trusted issuers own rejected" ;;
        --group) _uatrust_offer "application user https" ;;
        --layout) _uatrust_offer "auto default qt annex-f open62541 net milo node-opcua s2opc" ;;
        --policy) _uatrust_offer "Aes128_Sha256_RsaOaep Aes256_Sha256_RsaPss Basic256Sha256 ECC_nistP256 ECC_nistP384
                                  ECC_brainpoolP256r1 ECC_brainpoolP384r1 ECC_curve25519 ECC_curve448 None" ;;
        --key-type) _uatrust_offer "RSA-2048 RSA-3072 RSA-4096 nistP256 nistP384 brainpoolP256r1 brainpoolP384r1
                                    Ed25519 Ed448" ;;
        --format) _uatrust_offer "pem pfx" ;;
        --socket | --admin-socket | --chain | --directory | --issuer | --output | --passphrase-file) ;; # files
        --days | --file-name | --host-name | --ip | --name | --organization | --passphrase-fd | --when-days-left) ;;
        --application-uri | --at | --count | --entries | --host | --reason | --set | --suppress | --timeout) ;;
        *) return 1 ;;
        esac
}

# Thumbprints, unless it looks like a file; an empty offer is one of files.
_uatrust_thumbprints()
{
        [[ $word == *[!0-9A-Fa-f]* ]] || _uatrust_offer "$(_uatrust_ask "$1")"
}

_uatrust_argument()
{
        case $1 in
        list) _uatrust_offer "certificates crls blocks" ;;
        monitor) _uatrust_offer "$(_uatrust_ask stores)" ;;
        trust | rejected) _uatrust_thumbprints rejected ;;
        untrust) _uatrust_thumbprints judged ;;
        block | show) _uatrust_thumbprints all ;;
        unblock) _uatrust_thumbprints blocked ;;
        esac
}

_uatrust()
{
        local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
        local verb=("${COMP_WORDS[1]}") store=() i

        # "--option=value" comes in three words.
        [[ $word == "=" ]] && word=
        [[ $before == "=" ]] && before=${COMP_WORDS[COMP_CWORD - 2]}
        COMPREPLY=()
        for ((i = 1; i + 1 < COMP_CWORD; i++)); do
                [[ ${COMP_WORDS[i]} == --store ]] || continue
                store=(--store "${COMP_WORDS[i + 1]}")
                [[ ${store[1]} == "=" ]] && store=(--store "${COMP_WORDS[i + 2]}")
        done

        if ((COMP_CWORD == 1)); then
                _uatrust_offer "$(_uatrust_verbs) help --help --version"
        elif ((COMP_CWORD == 2)) && [[ $verb == help ]]; then
                _uatrust_offer "$(_uatrust_verbs)"
        elif ((COMP_CWORD == 3)) && [[ $verb == help && $before == own ]]; then
                _uatrust_offer "$(_uatrust_verbs own)"
        elif ((COMP_CWORD == 2)) && [[ $verb == own ]]; then
                _uatrust_offer "$(_uatrust_verbs own) --help"
        elif ! _uatrust_value "$before"; then
                [[ $verb == own ]] && verb+=("${COMP_WORDS[2]}")
                if [[ $word == -* ]]; then
                        _uatrust_offer "$(_uatrust_options "${verb[@]}")"
                else
                        _uatrust_argument "${verb[0]}"
                fi
        fi
}

complete -o bashdefault -o default -F _uatrust uatrust
