package conf

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/options.md anew")

const pageHead = `# Options

Written by ` + "`go test ./etc/conf -run TestOptionsPage -update`" + ` from the option table in etc/conf; do not edit.

Every option of Neutron's server, of releases Newton to 2026.1, is read and checked; so are those of its libraries. What
becomes of it is its status:

- *used*: hadron acts on it. %d of %d options.
- *accepted*: it has no effect, for the reason given. %d options. Where a file sets one to something other than its default,
  the log and ` + "`neutron-server --check`" + ` say so.
- *refused*: it has no effect, and values other than those listed keep the server from starting, because ignoring them
  would make it do something else than it was told. %d options. Values of used options can be refused as well.

What applies a change on a reload (SIGHUP):

- *hot*: it is applied in place.
- *rebuild*: a new generation of the application takes the place of the old one; no request fails.
- *rebind*: the sockets are opened anew.
- *restart*: it is not; the log names it.

A dash stands for no default, or for nothing to apply. Secret values are masked in everything the server writes.
`

// page is the documentation of the table.
func page() string {
	var out strings.Builder
	count := map[Status]int{}
	for _, o := range declared().options {
		count[o.Status()]++
	}
	fmt.Fprintf(&out, pageHead, count[Used], len(declared().options), count[Accepted], count[Refused])
	for _, group := range sampleGroups() {
		fmt.Fprintf(&out, "\n## [%s]\n\n| Option | Type | Default | Status | Reload | Meaning |\n|---|---|---|---|---|---|\n", group)
		var rows []string
		for _, o := range declared().options {
			if o.Group == group {
				rows = append(rows, o.row())
			}
		}
		slices.Sort(rows)
		out.WriteString(strings.Join(rows, ""))
	}
	return out.String()
}

func (o *Option) row() string {
	status, reload, text := o.Status().String(), o.Reload.String(), o.Help
	if o.Why != "" {
		status, reload = status+": "+string(o.Why), "–"
	}
	switch {
	case len(o.Only) > 0:
		text += " Not refused: " + code(o.Only...) + "."
	case o.Only != nil:
		text += " Every value is refused."
	}
	if o.Built != nil {
		text += " With effect: " + code(o.Built...) + "."
	}
	for _, old := range o.formerNames() {
		text += " Once " + code(strings.TrimPrefix(old, "Deprecated group/name - ")) + "."
	}
	if o.Flags != nil {
		text += " Switch: " + code(o.Flags...) + "."
	}
	if o.Secret {
		text += " Secret."
	}
	value := "–"
	if !o.NoDefault {
		value = code(o.Default)
	}
	cells := []string{code(o.Key()), o.typeText(), value, status, reload, text}
	for i := range cells {
		cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// typeText is the type with its restrictions.
func (o *Option) typeText() string {
	text := strings.TrimSuffix(o.typeTag(), " value")
	switch least, most, choices := o.bounds(); {
	case choices != nil:
		text += ": " + code(choices...)
	case least != "" && most != "":
		text += ", " + least + " to " + most
	case least != "":
		text += ", from " + least
	case most != "":
		text += ", to " + most
	}
	return text
}

func code(texts ...string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = "`" + text + "`"
		if text == "" {
			quoted[i] = "empty"
		}
	}
	return strings.Join(quoted, ", ")
}

func TestOptionsPageIsUpToDate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(root, "docs", "options.md")
	if *update {
		if err := os.WriteFile(path, []byte(page()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(string(data), "\n"), strings.Split(page(), "\n")
	if !slices.Equal(got, want) {
		t.Error("docs/options.md is not what the option table says: run go test ./etc/conf -run TestOptionsPage -update")
	}
}
