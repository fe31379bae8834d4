# Completion for clusterwright in bash: source <(clusterwright completion bash)
# shellcheck shell=bash

_clusterwright() {
  local line current="${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  # What was typed is passed on as it is; it is never evaluated.
  while IFS= read -r line; do
    if [[ $line == ':files' ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done < <(clusterwright complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

complete -F _clusterwright clusterwright
