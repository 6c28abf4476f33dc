package logging

import (
	"errors"
	"strings"
)

// Problem is an option that a Log cannot be made from.
type Problem struct {
	// Option is the option's name in a configuration file, such as log_dir.
	Option string
	// Err says why; its text names the option or the path.
	Err error
}

// Problems are all that is wrong with a Config. Open, Reconfigure and Check return them as their error.
type Problems []Problem

// Error lists the problems, one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the causes.
func (p Problems) Unwrap() []error {
	causes := make([]error, len(p))
	for i, problem := range p {
		causes[i] = problem.Err
	}
	return causes
}

// add notes what is wrong with an option. An err that is Problems already stays what it is, and nil is nothing.
func (p *Problems) add(option string, err error) {
	if more, ok := errors.AsType[Problems](err); ok {
		*p = append(*p, more...)
	} else if err != nil {
		*p = append(*p, Problem{Option: option, Err: err})
	}
}

// err is p as an error, nil when there are none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Check finds everything that would keep a Log from being made from cfg. It opens and creates nothing.
func Check(cfg Config) error {
	var found Problems
	p, err := compilePlan(cfg.filled())
	found.add("", err)
	for _, h := range p.handlers {
		found.add(h.option, h.spec.check())
	}
	return found.err()
}
