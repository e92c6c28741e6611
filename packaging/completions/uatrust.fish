# SPDX-License-Identifier: Apache-2.0
#
# fish completion of uatrust. Verbs and options are those that its help texts name; stores and thumbprints are the
# agent's, where it answers within half a second.

# The verb, and the one after it of own.
function __uatrust_verb
    set -l words (commandline -opc)
    set -e words[1]
    test (count $words) -gt 0; or return 1
    echo $words[1]
    test "$words[1]" = own; and test (count $words) -gt 1; and echo $words[2]
    return 0
end

function __uatrust_is_at
    set -l words (commandline -opc)
    test (count $words) -eq $argv[1]; or return 1
    test (count $argv) -eq 1; or test "$words[2]" = $argv[2]
end

function __uatrust_is
    contains -- "$(__uatrust_verb)[1]" $argv
end

function __uatrust_verbs
    uatrust help $argv 2>/dev/null | string replace -rf '^  (?:own )?([a-z][a-z-]*) +(.*)' '$1\t$2'
end

function __uatrust_options
    uatrust help (__uatrust_verb) 2>/dev/null |
        string replace -rf '^ +(?:-[A-Za-z], )?(--[a-z][a-z-]*)(?: [A-Z=]+)?(?: +(.*))?$' '$1\t$2'
end

function __uatrust_before
    set -l words (commandline -opc)
    contains -- "$words[-1]" $argv
end

function __uatrust_ask
    set -l words (commandline -opc)
    set -l at (contains -i -- --store $words); and set -l store --store $words[(math $at + 1)]
    uatrust complete $store -- $argv[1] 2>/dev/null
end

set -l valued --store --purpose --list --group --layout --policy --socket --admin-socket --chain --application-uri --at \
    --count --entries --host --reason --set --suppress --timeout --key-type --format --directory --issuer --output \
    --passphrase-file --days --file-name --host-name --ip --name --organization --passphrase-fd --when-days-left
set -l free "not __uatrust_before $valued"

complete -c uatrust -f
complete -c uatrust -n '__uatrust_is_at 1' -a '(__uatrust_verbs) help --help --version'
complete -c uatrust -n '__uatrust_is_at 2 help' -a '(__uatrust_verbs)'
complete -c uatrust -n '__uatrust_is_at 3 help; and __uatrust_before own' -a '(__uatrust_verbs own)'
complete -c uatrust -n '__uatrust_is_at 2 own' -a '(__uatrust_verbs own) --help'
complete -c uatrust -n "not __uatrust_is_at 1; and $free; and string match -q -- '-*' (commandline -ct)" -a '(__uatrust_options)'

complete -c uatrust -n '__uatrust_before --store' -a '(__uatrust_ask stores)'
complete -c uatrust -n '__uatrust_before --purpose' -a 'client server user https'
complete -c uatrust -n '__uatrust_before --list' -a 'trusted issuers own rejected'
complete -c uatrust -n '__uatrust_before --group' -a 'application user https'
complete -c uatrust -n '__uatrust_before --layout' -a 'auto default qt annex-f open62541 net milo node-opcua s2opc'
complete -c uatrust -n '__uatrust_before --policy' -a 'Aes128_Sha256_RsaOaep Aes256_Sha256_RsaPss Basic256Sha256 ECC_nistP256
    ECC_nistP384 ECC_brainpoolP256r1 ECC_brainpoolP384r1 ECC_curve25519 ECC_curve448 None'
complete -c uatrust -n '__uatrust_before --key-type' -a 'RSA-2048 RSA-3072 RSA-4096 nistP256 nistP384 brainpoolP256r1
    brainpoolP384r1 Ed25519 Ed448'
complete -c uatrust -n '__uatrust_before --format' -a 'pem pfx'
complete -c uatrust -n '__uatrust_before --socket --admin-socket --chain --directory --issuer --output --passphrase-file' -F

complete -c uatrust -n "__uatrust_is list; and $free" -a 'certificates crls blocks'
complete -c uatrust -n "__uatrust_is monitor; and $free" -a '(__uatrust_ask stores)'
complete -c uatrust -n "__uatrust_is trust rejected; and $free" -a '(__uatrust_ask rejected)'
complete -c uatrust -n "__uatrust_is untrust; and $free" -a '(__uatrust_ask judged)'
complete -c uatrust -n "__uatrust_is block show; and $free" -a '(__uatrust_ask all)'
complete -c uatrust -n "__uatrust_is unblock; and $free" -a '(__uatrust_ask blocked)'
complete -c uatrust -n "__uatrust_is validate show trust untrust block unblock check import export own; and $free" -F
