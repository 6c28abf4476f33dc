package policy

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// entry is one rule of a file.
type entry struct {
	name, path string
	line       int
	check      expr
}

// String is the entry's place.
func (e *entry) String() string { return fmt.Sprintf("%s:%d", e.path, e.line) }

// readFile reads the rules of a file, YAML or JSON, which is YAML as well. The error joins all that is wrong with it.
func readFile(f File) ([]*entry, error) {
	decoder := yaml.NewDecoder(strings.NewReader(string(f.Data)))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF): // nothing but blanks and comments
		return nil, nil
	case err != nil:
		return nil, syntaxError(f.Path, err)
	}
	var another yaml.Node
	if err := decoder.Decode(&another); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s:%d: a policy file is one document", f.Path, max(another.Line, 1))
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, nil
	}
	r := fileReader{path: f.Path}
	r.mapping(root, 0)
	if len(r.entries) > maxRules {
		r.fail(root, "more than %d rules", maxRules)
	}
	return r.entries, errors.Join(r.errs...)
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntaxError puts the line in front, where it is for every complaint.
func syntaxError(path string, err error) error {
	line, text := 1, err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	return fmt.Errorf("%s:%d: %s", path, line, text)
}

type fileReader struct {
	path    string
	entries []*entry
	errs    []error
}

func (r *fileReader) fail(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s:%d: %s", r.path, n.Line, fmt.Sprintf(format, args...)))
}

// maxMerges bounds how deep merges may be nested, since a file may merge a mapping with itself, and maxRules how many rules
// come out of them.
const (
	maxMerges = 8
	maxRules  = 1 << 16
)

func (r *fileReader) mapping(n *yaml.Node, depth int) {
	if n = follow(n); n.Kind != yaml.MappingNode || depth > maxMerges {
		r.fail(n, "a policy file has rules by their names: <name>: <check>")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if len(r.entries)+len(r.errs) > maxRules {
			return
		}
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.ShortTag() == "!!merge":
			r.merge(value, depth)
		case follow(key).Kind != yaml.ScalarNode:
			r.fail(key, "the name of a rule is one word")
		default:
			r.rule(follow(key), follow(value))
		}
	}
}

// merge takes in what << names: it stands below the rules of the mapping itself, so it comes in front of them.
func (r *fileReader) merge(value *yaml.Node, depth int) {
	own := r.entries
	r.entries = nil
	if value = follow(value); value.Kind == yaml.SequenceNode {
		for i := len(value.Content) - 1; i >= 0; i-- {
			r.mapping(value.Content[i], depth+1)
		}
	} else {
		r.mapping(value, depth+1)
	}
	r.entries = append(r.entries, own...)
}

func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func (r *fileReader) rule(key, value *yaml.Node) {
	check, err := readRule(value)
	if err != nil {
		r.fail(value, "rule %q: %v", key.Value, err)
		return
	}
	r.entries = append(r.entries, &entry{name: key.Value, path: r.path, line: key.Line, check: check})
}

func readRule(n *yaml.Node) (expr, error) {
	switch {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str":
		check, err := parse(n.Value)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", n.Value, err)
		}
		return check, nil
	case n.Kind == yaml.SequenceNode:
		list, err := readList(n)
		if err != nil {
			return nil, err
		}
		return parseList(list)
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		return nil, errors.New(`there is no check; write "@" for everyone, or "!", with its quotation marks, for nobody`)
	}
	return nil, fmt.Errorf("%q is not the text of a check", n.Value)
}

// readList reads the old form: a list of checks and of lists of checks.
func readList(n *yaml.Node) ([][]string, error) {
	list := make([][]string, 0, len(n.Content))
	for _, item := range n.Content {
		inner := []*yaml.Node{follow(item)}
		if inner[0].Kind == yaml.SequenceNode {
			inner = inner[0].Content
		}
		texts := make([]string, 0, len(inner))
		for _, text := range inner {
			if text = follow(text); text.Kind != yaml.ScalarNode || text.ShortTag() != "!!str" {
				return nil, fmt.Errorf("%q in a list is not the text of a check", text.Value)
			}
			texts = append(texts, text.Value)
		}
		list = append(list, texts)
	}
	return list, nil
}
