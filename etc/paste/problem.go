package paste

import (
	"errors"
	"fmt"
)

// Pos is a place in a file. Line counts from 1; 0 means the file as a whole.
type Pos struct {
	File string
	Line int
}

// String renders the place as file:line.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Problem is one thing wrong with a file. As an error it stops the load; as a
// warning it is listed in the Description.
type Problem struct {
	Pos     Pos
	Section string // header without brackets; empty outside any section
	Text    string
}

// Error renders the problem as "<file>:<line>: [section] text".
func (p *Problem) Error() string {
	if p.Section == "" {
		return fmt.Sprintf("%s: %s", p.Pos, p.Text)
	}
	return fmt.Sprintf("%s: [%s] %s", p.Pos, p.Section, p.Text)
}

// problemf is the one constructor of problems.
func problemf(pos Pos, section, format string, args ...any) *Problem {
	return &Problem{Pos: pos, Section: section, Text: fmt.Sprintf(format, args...)}
}

// distinct flattens joined errors and drops repeats: two pipelines that share
// a broken filter would otherwise report it twice.
func distinct(err error) error {
	var kept []error
	seen := map[string]bool{}
	var walk func(error)
	walk = func(err error) {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, part := range joined.Unwrap() {
				walk(part)
			}
			return
		}
		if err != nil && !seen[err.Error()] {
			seen[err.Error()] = true
			kept = append(kept, err)
		}
	}
	walk(err)
	return errors.Join(kept...)
}
