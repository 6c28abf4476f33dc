package policy

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// File is one policy file.
type File struct {
	Path string
	Data []byte
}

// Options are what an Enforcer is made of.
type Options struct {
	// Files change the defaults, in order: the last one that has a rule decides.
	Files []File
	// Defaults are the rules that are there without a file; nil for Neutron's.
	Defaults []Default
	// DefaultRule is the name of the rule that stands in for those that are not there.
	DefaultRule string
	// NewDefaults drops the deprecated defaults; without it what they allow is allowed, and administrators may do
	// everything.
	NewDefaults bool
	// EnforceScope refuses tokens whose scope a rule is not for.
	EnforceScope bool
	// Remote is about checks that ask a server.
	Remote Remote
}

// Default is a rule that is there without a file.
type Default struct {
	Name, Check string
	Scopes      Scopes
	// Was is what the rule replaced; the zero value for nothing.
	Was Deprecated
	// Removed says in which release the rule was announced to go, "" for a rule that stays.
	Removed string
}

// Deprecated is a rule of an earlier release, perhaps under another name.
type Deprecated struct{ Name, Check, Since string }

// Warning is something that works, and that an operator should know of.
type Warning struct {
	File string
	Line int
	Text string
}

// String is the warning with its place.
func (w Warning) String() string { return fmt.Sprintf("%s:%d: %s", w.File, w.Line, w.Text) }

// loading is an Enforcer in the making.
type loading struct {
	options  Options
	defaults map[string]Default
	file     map[string]*entry
	rules    map[string]*Rule
	warnings []Warning
	errs     []error
	remote   *asker // nil until a check needs one
}

// New returns the Enforcer that the options describe, and what is odd about its files. The error joins all that is
// wrong, each with file and line.
func New(o Options) (*Enforcer, []Warning, error) {
	if o.Defaults == nil {
		o.Defaults = Defaults()
	}
	l := &loading{options: o, defaults: make(map[string]Default), file: make(map[string]*entry), rules: make(map[string]*Rule)}
	l.readFiles()
	l.addDefaults()
	l.link()
	if err := errors.Join(l.errs...); err != nil {
		return nil, l.warnings, err
	}
	e := &Enforcer{rules: l.rules, standard: l.rules[o.DefaultRule], newDefaults: o.NewDefaults, enforceScope: o.EnforceScope,
		byRole: make(map[string][]reduced)}
	for i, name := range slices.Sorted(maps.Keys(l.rules)) {
		l.rules[name].number = i
	}
	return e, l.warnings, nil
}

func (l *loading) warn(e *entry, format string, args ...any) {
	l.warnings = append(l.warnings, Warning{e.path, e.line, fmt.Sprintf(format, args...)})
}

func (l *loading) readFiles() {
	for _, f := range l.options.Files {
		entries, err := readFile(f)
		if err != nil {
			l.errs = append(l.errs, err)
		}
		for _, e := range entries {
			if earlier := l.file[e.name]; earlier != nil && earlier.path == e.path {
				l.warn(e, "rule %q is in line %d, too: this one counts", e.name, earlier.line)
			}
			l.file[e.name] = e
		}
	}
	for name, e := range l.file {
		l.rules[name] = &Rule{Name: name, Origin: e.String(), check: e.check}
	}
}

// addDefaults adds the defaults that no file has changed.
func (l *loading) addDefaults() {
	for _, d := range l.options.Defaults {
		l.defaults[d.Name] = d
		if e := l.file[d.Name]; e != nil {
			l.rules[d.Name].scopes = d.Scopes
			if d.Removed != "" {
				l.warn(e, "rule %q was deprecated in %s and will be removed", d.Name, d.Removed)
			}
			continue
		}
		check, err := l.inForce(d)
		if err != nil {
			l.errs = append(l.errs, fmt.Errorf("default of rule %q: %w", d.Name, err))
			continue
		}
		l.rules[d.Name] = &Rule{Name: d.Name, check: check, scopes: d.Scopes}
	}
}

// inForce is what a default comes to beside the rule that it replaced.
func (l *loading) inForce(d Default) (expr, error) {
	check, err := parse(d.Check)
	if err != nil || d.Was.Name == "" {
		return check, err
	}
	was, err := parse(d.Was.Check)
	if err != nil {
		return nil, err
	}
	if e := l.file[d.Was.Name]; e != nil && d.Was.Name != d.Name {
		l.warn(e, "rule %q was deprecated in %s in favor of %q", d.Was.Name, d.Was.Since, d.Name)
		if text := e.check.String(); text != was.String() && text != "rule:"+d.Name {
			return e.check, nil
		}
	}
	if !l.options.NewDefaults && d.Was.Check != d.Check {
		return &any_{[]expr{check, was}}, nil
	}
	return check, nil
}

// link resolves references and finds circles.
func (l *loading) link() {
	for _, name := range slices.Sorted(maps.Keys(l.rules)) {
		l.linkExpr(l.rules[name], l.rules[name].check)
	}
	state := make(map[*Rule]int)
	for _, name := range slices.Sorted(maps.Keys(l.rules)) {
		l.walk(l.rules[name], state, nil)
	}
}

func (l *loading) linkExpr(r *Rule, e expr) {
	if ref, ok := e.(*reference); ok {
		if ref.rule = l.rules[ref.name]; ref.rule == nil {
			ref.rule = l.rules[l.options.DefaultRule]
			if file := l.file[r.Name]; file != nil {
				l.warn(file, "rule %q refers to rule %q, which is not defined", r.Name, ref.name)
			}
		}
	}
	if ask, ok := e.(*remote); ok {
		l.linkRemote(r, ask)
	}
	for _, child := range children(e) {
		l.linkExpr(r, child)
	}
}

func (l *loading) linkRemote(r *Rule, ask *remote) {
	if l.remote == nil {
		l.remote = newAsker(l.options.Remote)
	}
	ask.asker = l.remote
	transport := l.remote.client.Transport.(*http.Transport)
	if ask.scheme != "https" || transport.TLSClientConfig != nil || l.options.Remote.TLS == nil {
		return
	}
	config, err := l.options.Remote.TLS()
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("%s: rule %q: %w", r.Origin, r.Name, err))
		config = new(tls.Config) // said once
	}
	transport.TLSClientConfig = config
}

const (
	walking = iota + 1
	walked
)

// walk follows references; a rule that is met while it is walked refers to itself.
func (l *loading) walk(r *Rule, state map[*Rule]int, path []string) {
	path = append(path, r.Name)
	switch state[r] {
	case walked:
		return
	case walking:
		place := r.Origin
		if place == "" {
			place = "defaults"
		}
		l.errs = append(l.errs, fmt.Errorf("%s: rule %q refers to itself: %v", place, r.Name, path[slices.Index(path, r.Name):]))
		return
	}
	state[r] = walking
	l.walkExpr(r.check, state, path)
	state[r] = walked
}

func (l *loading) walkExpr(e expr, state map[*Rule]int, path []string) {
	if ref, ok := e.(*reference); ok && ref.rule != nil {
		l.walk(ref.rule, state, path)
	}
	for _, child := range children(e) {
		l.walkExpr(child, state, path)
	}
}
