# Completion for bash. It asks the command itself, so that it knows what `--help` knows.

_savor_words()
{
    # commands stand two blanks in, behind "Commands:"; options begin a line with dashes
    "$@" --help 2>/dev/null | sed -n \
        -e '/^Commands:/,$ s/^  \([a-z][a-z-]*\)  .*/\1/p' \
        -e 's/^  \(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p'
}

_savor_choices()
{
    # "--profile auto|1.x|2.x|3.x" names the values of an option
    "$@" --help 2>/dev/null | sed -n "s/^  \(-[a-z], \)\{0,1\}$option \([^ ]*|[^ ]*\).*/\2/p" | tr '|' '\n'
}

_savor()
{
    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} words
    local command=("${COMP_WORDS[@]:0:COMP_CWORD < 3 ? COMP_CWORD : 3}")
    COMPREPLY=()
    if [[ $COMP_CWORD -ge 4 && $option == --* ]]; then
        words=$(_savor_choices "${command[@]}")
        [[ $words ]] && COMPREPLY=($(compgen -W "$words" -- "$current")) && return
    fi
    if [[ $COMP_CWORD -lt 3 || $current == -* ]]; then
        COMPREPLY=($(compgen -W "$(_savor_words "${command[@]}")" -- "$current"))
    fi
}

complete -o default -F _savor savor
