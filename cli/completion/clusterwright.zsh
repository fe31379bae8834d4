#compdef clusterwright
# Completion for clusterwright in zsh: source <(clusterwright completion zsh)

_clusterwright() {
  local line
  local -a choices
  for line in "${(@f)$(clusterwright complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ':files' ]]; then
      _files
    elif [[ -n $line ]]; then
      choices+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( $#choices )) && _describe -t choices clusterwright choices
}

compdef _clusterwright clusterwright
