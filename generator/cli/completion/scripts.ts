/** The scripts that bash, zsh and fish read. They know no command: they ask the program at every press of the key. */

/** The shells. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** A shell. */
export type Shell = (typeof shells)[number];

/** The script of a shell. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell];
}

const bash = String.raw`# bash completion for glyphoxa-kustomize. To have it in every shell:
#   glyphoxa-kustomize completion bash > ~/.local/share/bash-completion/completions/glyphoxa-kustomize
_glyphoxa_kustomize() {
  local line="${'$'}{COMP_LINE:0:COMP_POINT}" answer directive candidate word cut
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  word="${'$'}{words[${'$'}{#words[@]}-1]}"
  answer=$("${'$'}{words[0]}" __complete "${'$'}{words[@]:1}" 2>/dev/null) || return
  directive="${'$'}{answer##*:}"
  answer="${'$'}{answer%:*}"
  # readline replaces only what stands behind the last = or :
  cut="${'$'}{word%"${'$'}{COMP_WORDS[COMP_CWORD]}"}"
  [[ ${'$'}{COMP_WORDS[COMP_CWORD]} == [=:] ]] && cut="$word"
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    [[ -n $candidate && $candidate == "$word"* ]] && COMPREPLY+=("${'$'}{candidate#"$cut"}")
  done <<<"$answer"
  if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
  if ! ((directive & 4)); then
    compopt -o filenames 2>/dev/null
    while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "${'$'}{word#"$cut"}")
  fi
}
complete -F _glyphoxa_kustomize glyphoxa-kustomize
`;

const zsh = String.raw`#compdef glyphoxa-kustomize
# zsh completion for glyphoxa-kustomize. To have it in every shell, in a folder of $fpath:
#   glyphoxa-kustomize completion zsh > "${'$'}{fpath[1]}/_glyphoxa-kustomize"
_glyphoxa_kustomize() {
  local answer directive line value
  local -a lines proposals options
  answer=$("${'$'}{(Q)words[1]}" __complete "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null) || return
  lines=("${'$'}{(@f)answer}")
  directive="${'$'}{lines[-1]#:}"
  for line in "${'$'}{(@)lines[1,-2]}"; do
    value="${'$'}{line%%$'\t'*}"
    if [[ $line == *$'\t'* ]]; then
      proposals+=("${'$'}{value//:/\\:}:${'$'}{line#*$'\t'}")
    else
      proposals+=("${'$'}{value//:/\\:}")
    fi
  done
  ((directive & 2)) && options=(-S '')
  ((${'$'}{#proposals})) && _describe -t proposals proposal proposals $options
  ((directive & 4)) || _files
}
if [[ ${'$'}{funcstack[1]} == _glyphoxa-kustomize ]]; then
  _glyphoxa_kustomize "$@"
else
  compdef _glyphoxa_kustomize glyphoxa-kustomize
fi
`;

const fish = String.raw`# fish completion for glyphoxa-kustomize. To have it in every shell:
#   glyphoxa-kustomize completion fish > ~/.config/fish/completions/glyphoxa-kustomize.fish
function __glyphoxa_kustomize_complete
  set -l words (commandline -opc)
  set -l word (commandline -ct)
  set -l answer ($words[1] __complete $words[2..-1] "$word" 2>/dev/null)
  or return
  set -l directive (string sub -s 2 -- $answer[-1])
  set -l proposals $answer[1..-2]
  test (count $answer) -gt 1
  and printf '%s\n' $proposals
  test (math "bitand($directive, 4)") -eq 0
  and __fish_complete_path "$word"
end
complete -c glyphoxa-kustomize -e
complete -c glyphoxa-kustomize -f -k -a '(__glyphoxa_kustomize_complete)'
`;
