package conf

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Problem is one thing that keeps a configuration from being used.
type Problem struct {
	// File and Line say where; File is empty for the command line and for what has no place.
	File string
	Line int
	// Text is the whole message and already names the place.
	Text string
}

// Error reports everything that is wrong with a configuration.
type Error struct {
	// Usage is printed above the problems when the command line itself was wrong.
	Usage    string
	Problems []Problem
	status   int
}

// Error lists the problems, one a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Text
	}
	return strings.Join(lines, "\n")
}

// ExitStatus is what the program must exit with: 2 for a wrong command line, else 1.
func (e *Error) ExitStatus() int { return e.status }

// Answer is returned by Load as its error when the command line asked only for text: --help or --version.
type Answer struct {
	// Text goes to standard output; the program exits with status 0.
	Text string
}

// Error returns the text.
func (a *Answer) Error() string { return a.Text }

// Finish prints what a failed Load left to say, each part to the stream it belongs to, and returns the exit status.
func Finish(err error, stdout, stderr io.Writer) int {
	if answer, ok := errors.AsType[*Answer](err); ok {
		fmt.Fprint(stdout, answer.Text)
		return 0
	}
	problems, ok := errors.AsType[*Error](err)
	if !ok {
		fmt.Fprintln(stderr, err)
		return 1
	}
	fmt.Fprint(stderr, problems.Usage)
	fmt.Fprintln(stderr, problems.Error())
	return problems.status
}

// Warning is something odd that does not keep a configuration from being used.
type Warning struct {
	File string
	Line int
	Text string
}

// String returns the text behind its place.
func (w Warning) String() string {
	if w.File == "" {
		return w.Text
	}
	return fmt.Sprintf("%s:%d: %s", w.File, w.Line, w.Text)
}
