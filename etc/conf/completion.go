package conf

import (
	"fmt"
	"strings"
)

var completionShells = []string{"bash", "zsh"}

// wantsCompletion knows --shell_completion, which counts only where the command line begins with it: there it is an order.
func wantsCompletion(args []string) (shell string, ok bool) {
	if len(args) < 2 || args[0] != "--shell_completion" {
		return "", false
	}
	for _, known := range completionShells {
		ok = ok || args[1] == known
	}
	return args[1], ok
}

// completion is a script that has the shell complete switches, the values there are to choose from, and names of files.
func completion(shell, prog string, list []*cliSwitch) string {
	function := "_" + strings.Map(func(r rune) rune {
		if inName(byte(r), true) && r != '.' {
			return r
		}
		return '_'
	}, prog)
	var names []string
	var choices strings.Builder
	for _, s := range list {
		names = append(names, s.names...)
		if values := s.choices(); values != nil {
			fmt.Fprintf(&choices, "        %s) COMPREPLY=($(compgen -W %q -- \"$cur\")); return ;;\n",
				strings.Join(s.names, "|"), strings.Join(values, " "))
		} else if s.act.takesValue() {
			fmt.Fprintf(&choices, "        %s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", strings.Join(s.names, "|"))
		}
	}
	lead := "#!/bin/bash completion for " + prog
	if shell == "zsh" {
		lead = "#compdef " + prog + "\nautoload -U +X bashcompinit && bashcompinit"
	}
	return fmt.Sprintf(`%s

%s() {
    local cur="${COMP_WORDS[COMP_CWORD]}"
    case "${COMP_WORDS[COMP_CWORD-1]}" in
%s    esac
    COMPREPLY=($(compgen -W %q -- "$cur"))
}
complete -F %s %s
`, lead, function, choices.String(), strings.Join(names, " "), function, prog)
}

// choices are the values of a switch that has a list of them.
func (s *cliSwitch) choices() []string {
	if s.opt == nil {
		return nil
	}
	text, _ := s.opt.Type.(Text)
	return text.Choices
}
