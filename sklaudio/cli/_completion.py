"""Completion for shells: what shtab writes, with the files and names that our arguments take."""

import argparse
import sys

from ..audio._folders import EXTENSIONS, OTHER_EXTENSIONS

SHELLS = ("bash", "zsh")


class PrintCompletion(argparse.Action):
    """``--print-completion SHELL``: print a script for the shell, and exit."""

    def __init__(self, option_strings, dest, **_):
        super().__init__(
            option_strings,
            argparse.SUPPRESS,
            default=argparse.SUPPRESS,
            choices=SHELLS,
            help='print what completes commands, files and names: eval "$(sklaudio --print-completion bash)"',
        )

    def __call__(self, parser, namespace, shell, option_string=None):
        """Print it."""
        import shtab

        _mark(parser, _completions())
        script = shtab.complete(parser, shell)
        if shell == "zsh":  # so that eval works as it does in bash
            script = f"(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit }}\n{script}"
        sys.stdout.write(script + "\n")
        parser.exit()


def _completions():
    """Return what shtab calls a completer, for each ``complete=`` of ours."""
    import shtab

    from ..pretrained import pretrained_names
    from ._model_names import ENCODERS, KINDS, PUBLISHED

    audio = [
        spelled for extension in EXTENSIONS + OTHER_EXTENSIONS for spelled in (f"*{extension}", f"*{extension.upper()}")
    ]
    return {
        "file": shtab.FILE,
        "folder": shtab.DIRECTORY,
        "folder or table": _words_or_files("folder_or_table", [], ["*.csv", "*.tsv", "*.parquet"]),
        "audio": _words_or_files("audio", [], audio),
        "model name": _words_or_files("model_name", [*pretrained_names(), *ENCODERS, *KINDS, *PUBLISHED], []),
        "encoder": _words_or_files("encoder", [*ENCODERS, *pretrained_names()], ["*.onnx", "*.skops"]),
        "model": _words_or_files("model", pretrained_names(), ["*.skops", "*.onnx"]),
        "model or audio": _words_or_files("model_or_audio", pretrained_names(), ["*.skops", *audio]),
    }


def _words_or_files(name, words, patterns):
    """Complete words, files that match a pattern, and folders on the way to them."""
    function, listed, tried = f"_sklaudio_{name}", " ".join(words), " ".join(f"'{pattern}'" for pattern in patterns)
    bash = [f'compgen -W "{listed}" -- "$1"']
    zsh = [f"'names:name:({listed})'"]
    if patterns:
        any_of = patterns[0] if len(patterns) == 1 else f"({'|'.join(patterns)})"  # (x) alone would be a qualifier
        bash += [f'for pattern in {tried}; do compgen -f -X "!$pattern" -- "$1"; done', 'compgen -d -- "$1"']
        zsh.append(f"'files:file:_files -g \"{any_of}\"'")
    bodies = "\n  ".join(bash), f"_alternative {' '.join(zsh)}"
    bash, zsh = (f"{function}() {{\n  {body}\n}}" for body in bodies)
    return {"bash": function, "zsh": function, "preamble": {"bash": bash, "zsh": zsh}}


def _mark(parser, completions):
    """Put shtab's completers where ours are named."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for parser in action.choices.values():
                _mark(parser, completions)
        complete = getattr(action, "complete", None)
        if isinstance(complete, tuple):
            action.choices = complete
        if isinstance(complete, str):
            action.complete = completions[complete]
        else:
            vars(action).pop("complete", None)
