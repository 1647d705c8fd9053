# SPDX-License-Identifier: MIT
"""What shells offer behind a line that was typed so far. Each is a shell of a user's that has found
the completion by itself, where it is installed: candidates(line) is the set of words."""

import re

from .run import run_as
from .terminal import Terminal

BEGIN, END = "<<candidates", "candidates>>"


def _environment(prefix):
    return {"XDG_DATA_DIRS": f"{prefix.path}/share:/usr/local/share:/usr/share"}


class Bash:
    """Calls the function that `complete` was given, with the words that bash makes of the line."""

    CALL = r"""
        [[ $(complete -p hakurei) == *'-F _hakurei hakurei' ]] || exit 1
        COMP_LINE=$1 COMP_POINT=${#1} COMP_CWORD=$(($# - 2))
        shift
        COMP_WORDS=("$@")
        _hakurei hakurei "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
        printf '%s\n' "${COMPREPLY[@]}"
    """

    def __init__(self, user, prefix):
        self.user, self.env = user, _environment(prefix)
        self.load = ". /usr/share/bash-completion/bash_completion; _completion_loader hakurei"

    def candidates(self, line, breaks="="):
        words = re.findall(r"=|[^\s=]+" if breaks else r"\S+", line)
        if line.endswith(" "):
            words.append("")
        result = run_as(self.user, ["bash", "--norc", "-c", self.load + self.CALL, "bash", line, *words],
                        env=self.env)
        assert (result.status, result.stderr) == (0, ""), result
        return set(result.stdout.split("\n")) - {""}

    def close(self):
        pass


class BareBash(Bash):
    """Without the package bash-completion."""

    def __init__(self, user, prefix):
        super().__init__(user, prefix)
        self.load = f". {prefix.path}/share/bash-completion/completions/hakurei"


class Fish:
    """Asks fish itself."""

    def __init__(self, user, prefix):
        self.user, self.env = user, _environment(prefix)

    def candidates(self, line):
        result = run_as(self.user, ["fish", "--private", "-c", "complete -C $argv[1]", line],
                        env=self.env)
        assert (result.status, result.stderr) == (0, ""), result
        return {found.split("\t")[0] for found in result.stdout.splitlines()}

    def close(self):
        pass


class Zsh:
    """A shell on a terminal, in which the function that takes candidates tells them as well."""

    SETUP = r"""
        PS1= PS2=; fpath=({prefix}/share/zsh/site-functions $fpath)
        autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' verbose no
        compadd() {{
            local -a found
            (( ${{@[1,(i)--][(I)-[OAD]*]}} )) || {{ builtin compadd -A found "$@"; hits+=($found) }}
            builtin compadd "$@"
        }}
        tell() {{ typeset -ga hits=(); zle list-choices; print -rl -- {begin} $hits {end}; BUFFER= }}
        zle -N tell; bindkey '^T' tell; LISTMAX=100000; print read''y
    """

    def __init__(self, user, prefix):
        self.terminal = Terminal(user)
        self.terminal.start(["zsh", "-f", "-i"], env=_environment(prefix))
        setup = self.SETUP.format(prefix=prefix.path, begin=BEGIN.replace("<", r"\<"),
                                  end=END.replace(">", r"\>"))
        self.terminal.write(" ;".join(setup.strip().splitlines()) + "\n")
        self.terminal.read_until("ready")

    def candidates(self, line):
        self.terminal.write(line + "\x14")
        shown = self.terminal.read_until(END)
        return set(shown[shown.index(BEGIN) + len(BEGIN):-len(END)].split("\r\n")) - {""}

    def close(self):
        self.terminal.__exit__()
