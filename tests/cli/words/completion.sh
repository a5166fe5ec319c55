# completion for bash asks --help
command -v bash > /dev/null || { echo "skipped: there is no bash"; exit 77; }
cat > ask.bash <<'EOF'
. "$1"
ask() {
    COMP_WORDS=("$SAVOR" "$@")
    COMP_CWORD=$#
    _savor
    echo "$*: ${COMPREPLY[*]}"
}
ask ""
ask mo
ask models ""
ask models serve --h
ask models serve -m x --profile ""
ask models predict -m x --nan t
ask models serve x
EOF
bash ask.bash "$(dirname "$0")/../../../cli/savor.bash"
