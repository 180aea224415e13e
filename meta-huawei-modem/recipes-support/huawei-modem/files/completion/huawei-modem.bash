# SPDX-License-Identifier: MIT
# bash completion for huawei-modem(8).
# shellcheck shell=bash disable=SC2207  # words without spaces, as compgen gives them

_huawei_modem() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} options
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "status doctor report ports connect disconnect check-modules bind \
            --help --version" -- "$word"))
        return
    fi
    case $before in
    --json | --masked | --password-file | --pin-file)
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$word"))
        return
        ;;
    --auth)
        COMPREPLY=($(compgen -W "chap pap none" -- "$word"))
        return
        ;;
    --apn | --user | --modem | --timeout | --watch)
        return
        ;;
    esac
    case $command in
    status) options="--json --watch" ;;
    doctor) options="--json --masked --fix --undo --dry-run" ;;
    report) options="" ;;
    ports) options="--json --borrow" ;;
    connect)
        options="--apn --user --password-file --auth --pin-file --roaming --no-roaming --modem --timeout --unattended"
        ;;
    disconnect) options="--timeout" ;;
    check-modules) options="--json --all" ;;
    bind) options="" ;;
    *) return ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options --help" -- "$word"))
    elif [[ $command == doctor || $command == report ]]; then
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$word"))
    elif [[ $command == bind ]]; then
        COMPREPLY=($(compgen -G "/sys/bus/usb/devices/*:*" -- "$word"))
    fi
}

complete -F _huawei_modem huawei-modem
