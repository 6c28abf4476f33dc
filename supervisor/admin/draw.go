package admin

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Draw writes a tree for people, a line for each actor. Runs of equal siblings without anything to tell are one line, unless
// all are wanted. now is what ages are counted from.
func Draw(w io.Writer, top Node, now time.Time, all bool) error {
	d := drawing{now: now, all: all, rows: [][]string{{"ACTOR", "TYPE", "STATE", "AGE", "RESTARTS", "MAILBOX", "LAST FAILURE"}}}
	d.node(top, "", "")
	_, err := io.WriteString(w, d.text())
	return err
}

// drawing collects the rows of a table.
type drawing struct {
	now  time.Time
	all  bool
	rows [][]string
}

// node adds n: head is what stands before its name, below what stands before the names of its children.
func (d *drawing) node(n Node, head, below string) {
	d.rows = append(d.rows, d.row(head+n.ID, n))
	for i := 0; i < len(n.Children); {
		c, equal := n.Children[i], d.run(n.Children[i:])
		head, next := below+"├── ", below+"│   "
		if i+equal == len(n.Children) {
			head, next = below+"└── ", below+"    "
		}
		if equal > 1 {
			last := n.Children[i+equal-1]
			d.rows = append(d.rows, d.row(fmt.Sprintf("%s%s .. %s", head, c.ID, last.ID), c))
		} else {
			d.node(c, head, next)
		}
		i += equal
	}
}

func (d *drawing) row(name string, n Node) []string {
	return []string{
		name, typeOf(n), n.State, age(d.now.Sub(n.Since)), strconv.Itoa(n.Restarts), strconv.Itoa(n.Mailbox),
		cut(oneLine(n.LastFailure)),
	}
}

// typeOf is the kind of an actor, the strategy of a supervisor.
func typeOf(n Node) string {
	switch {
	case n.Alternative != "":
		return n.Strategy + " " + n.Alternative
	case n.Strategy != "":
		return n.Strategy
	}
	return n.Kind
}

// shortestRun is how many equal siblings are worth one line.
const shortestRun = 3

// run is the number of siblings at the head of list that are drawn together; 1 is the first alone.
func (d *drawing) run(list []Node) int {
	n := 0
	for n < len(list) && unremarkable(list[n]) && list[n].Kind == list[0].Kind {
		n++
	}
	if d.all || n < shortestRun {
		return 1
	}
	return n
}

func unremarkable(n Node) bool {
	return n.Strategy == "" && n.State == otp.StateRunning.String() && n.Restarts == 0 && n.LastFailure == "" && n.Mailbox == 0
}

// longestFailure bounds a failure's text in a drawing, in characters. JSON has the whole.
const longestFailure = 100

func cut(text string) string {
	if utf8.RuneCountInString(text) <= longestFailure {
		return text
	}
	return string([]rune(text)[:longestFailure-1]) + "…"
}

// age is a duration in its two largest units.
func age(d time.Duration) string {
	d = max(d, 0).Truncate(time.Second)
	switch day := 24 * time.Hour; {
	case d >= day:
		return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%dm%ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// text aligns the columns, two spaces apart.
func (d *drawing) text() string {
	widths := make([]int, len(d.rows[0]))
	for _, row := range d.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range d.rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}
