package policy

import (
	"errors"
	"fmt"
	"strings"
)

// token is what the reduction of a rule works on: a check, a word, or a parenthesis.
type token struct {
	kind tokenKind
	of   expr
}

type tokenKind uint8

const (
	tokenCheck tokenKind = iota
	tokenAnds            // checks joined by and, without parentheses
	tokenOrs
	tokenAnd
	tokenOr
	tokenNot
	tokenLeft
	tokenRight
)

var errSyntax = errors.New("cannot be understood: checks are joined by and, or and not, and parentheses come in pairs")

// parse reads a rule in the form of one text.
func parse(rule string) (expr, error) {
	if rule == "" {
		return constant(true), nil
	}
	var stack []token
	for word := range strings.FieldsSeq(rule) {
		tokens, err := tokens(word)
		if err != nil {
			return nil, err
		}
		for _, t := range tokens {
			stack = shift(stack, t)
		}
	}
	if len(stack) != 1 || stack[0].of == nil {
		return nil, errSyntax
	}
	return stack[0].of, nil
}

// tokens cuts a word: parentheses in front of it and behind it, since those inside belong to a check.
func tokens(word string) ([]token, error) {
	var out []token
	for ; strings.HasPrefix(word, "("); word = word[1:] {
		out = append(out, token{kind: tokenLeft})
	}
	clean := strings.TrimRight(word, ")")
	switch strings.ToLower(clean) {
	case "":
	case "and":
		out = append(out, token{kind: tokenAnd})
	case "or":
		out = append(out, token{kind: tokenOr})
	case "not":
		out = append(out, token{kind: tokenNot})
	default:
		of, err := parseCheck(clean)
		if err != nil {
			return nil, err
		}
		out = append(out, token{kind: tokenCheck, of: of})
	}
	for range len(word) - len(clean) {
		out = append(out, token{kind: tokenRight})
	}
	return out, nil
}

// shift puts a token on the stack and joins what can be joined at its top, as early as possible: so does oslo.policy,
// and that is what gives its operators their precedence.
func shift(stack []token, t token) []token {
	stack = append(stack, t)
	for {
		n := len(stack)
		if n >= 3 {
			if made, ok := join(stack[n-3], stack[n-2], stack[n-1]); ok {
				stack = append(stack[:n-3], made)
				continue
			}
		}
		if n >= 2 && stack[n-2].kind == tokenNot && stack[n-1].kind == tokenCheck {
			stack = append(stack[:n-2], token{kind: tokenCheck, of: &negation{stack[n-1].of}})
			continue
		}
		return stack
	}
}

func join(a, b, c token) (token, bool) {
	switch {
	case a.kind == tokenLeft && b.kind <= tokenOrs && c.kind == tokenRight:
		return token{kind: tokenCheck, of: b.of}, true
	case c.kind != tokenCheck:
	case a.kind == tokenCheck && b.kind == tokenAnd:
		return token{tokenAnds, &all{[]expr{a.of, c.of}}}, true
	case a.kind == tokenAnds && b.kind == tokenAnd:
		ands := a.of.(*all)
		ands.of = append(ands.of, c.of)
		return a, true
	case a.kind == tokenOrs && b.kind == tokenAnd: // a or b and c
		ors := a.of.(*any_)
		last := &ors.of[len(ors.of)-1]
		if ands, ok := (*last).(*all); ok {
			*last = &all{append(ands.of[:len(ands.of):len(ands.of)], c.of)}
		} else {
			*last = &all{[]expr{*last, c.of}}
		}
		return a, true
	case (a.kind == tokenCheck || a.kind == tokenAnds) && b.kind == tokenOr:
		return token{tokenOrs, &any_{[]expr{a.of, c.of}}}, true
	case a.kind == tokenOrs && b.kind == tokenOr:
		ors := a.of.(*any_)
		ors.of = append(ors.of, c.of)
		return a, true
	}
	return token{}, false
}

// parseList reads a rule in the old form: a list, joined by or, of lists, joined by and.
func parseList(rule [][]string) (expr, error) {
	if len(rule) == 0 {
		return constant(true), nil
	}
	var ors []expr
	for _, inner := range rule {
		var ands []expr
		for _, text := range inner {
			of, err := parseCheck(text)
			if err != nil {
				return nil, err
			}
			ands = append(ands, of)
		}
		switch len(ands) {
		case 0:
		case 1:
			ors = append(ors, ands[0])
		default:
			ors = append(ors, &all{ands})
		}
	}
	switch len(ors) {
	case 0:
		return constant(false), nil
	case 1:
		return ors[0], nil
	}
	return &any_{ors}, nil
}

// parseCheck reads one check.
func parseCheck(text string) (expr, error) {
	switch text {
	case "@":
		return constant(true), nil
	case "!":
		return constant(false), nil
	}
	kind, match, ok := strings.Cut(text, ":")
	if !ok {
		return nil, fmt.Errorf("%q is no check: a check is @, !, or <kind>:<match>", text)
	}
	switch kind {
	case "rule":
		return &reference{name: match}, nil
	case "role":
		f, err := newFormat(match)
		return &role{match: f}, err
	case "project_id", "tenant_id":
		return parseOwner(kind, match)
	case "field":
		return parseAttribute(match)
	case "http", "https":
		return parseRemote(kind, match)
	}
	return parseGeneric(kind, match)
}
