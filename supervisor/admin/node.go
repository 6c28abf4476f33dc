package admin

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Node is an otp.Node as the admin listener answers it.
type Node struct {
	Path        string    `json:"path"`
	ID          string    `json:"id"`
	Kind        string    `json:"kind"`
	Strategy    string    `json:"strategy,omitempty"`
	Alternative string    `json:"alternative,omitempty"`
	State       string    `json:"state"`
	Restarts    int       `json:"restarts"`
	Since       time.Time `json:"since"`
	Incarnation int       `json:"incarnation"`
	LastFailure string    `json:"last_failure,omitempty"`
	// Mailbox is the number of messages that wait.
	Mailbox  int    `json:"mailbox"`
	Children []Node `json:"children,omitempty"`
}

// tree is the current tree.
func (s *Subject) tree() Node { return shown(s.Tree.Tree()) }

func shown(n otp.Node) Node {
	out := Node{
		Path: n.Path, ID: n.ID, Kind: n.Kind, Strategy: n.Strategy, Alternative: n.Alternative, State: n.State.String(),
		Restarts: n.Restarts, Since: n.Since, Incarnation: n.Incarnation, LastFailure: n.LastFailure, Mailbox: n.Mailbox,
	}
	if len(n.Children) > 0 {
		out.Children = make([]Node, len(n.Children))
	}
	for i, c := range n.Children {
		out.Children[i] = shown(c)
	}
	return out
}

// eachNode calls f for n and all below it.
func eachNode(n *otp.Node, f func(*otp.Node)) {
	f(n)
	for i := range n.Children {
		eachNode(&n.Children[i], f)
	}
}

// ailments says in words what in a tree works worse than it should. Handlers that restart are none: one of many is back
// before anybody misses it.
func ailments(top otp.Node) []string {
	var found []string
	eachNode(&top, func(n *otp.Node) {
		switch n.State {
		case otp.StateDegraded:
			found = append(found, because(fmt.Sprintf("%s runs %s", n.Path, n.Alternative), n))
		case otp.StateBackingOff, otp.StateLeaked:
			found = append(found, because(fmt.Sprintf("%s is %s", n.Path, n.State), n))
		}
	})
	return found
}

func because(what string, n *otp.Node) string {
	if n.LastFailure == "" {
		return what
	}
	return what + ": " + oneLine(n.LastFailure)
}

// oneLine keeps texts from elsewhere within their line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
