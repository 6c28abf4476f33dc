package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Action is something that a member of a collection does besides being shown, updated and deleted: PUT
// /subnetpools/{id}/add_prefixes.
type Action struct {
	// Name is the last segment of the path, Method the only HTTP method it has.
	Name, Method string
	// Asks is the attribute of the object whose policy rules the caller must pass, too, as far as the object has it: "" for
	// none.
	Asks string
	// Do does it and writes the answer. The body is as the client sent it, nil for none: no attribute table says what
	// must be in it.
	Do func(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error
}

// AddAction gives the members of a registered resource another action.
func AddAction(e *Engine, segment string, a Action) error {
	res := e.bySegment[segment]
	if res == nil {
		return fmt.Errorf("action %s: no resource %s", a.Name, segment)
	}
	if res.action(a.Name) != nil {
		return fmt.Errorf("action %s of %s: added already", a.Name, segment)
	}
	res.actions = append(res.actions, a)
	return nil
}

func (r *Resource) action(name string) *Action {
	for i := range r.actions {
		if r.actions[i].Name == name {
			return &r.actions[i]
		}
	}
	return nil
}

// cutAction splits what follows the collection in a path into an id and the action that it names. Without an action
// all of it is the id.
func (r *Resource) cutAction(rest string) (id string, a *Action) {
	id, name, ok := strings.Cut(rest, "/")
	if ok && id != "" {
		if a = r.action(name); a != nil {
			return id, a
		}
	}
	return rest, nil
}

// act takes a request for an action along the chain.
func (f *Front) act(w http.ResponseWriter, r *http.Request, res *Resource, a *Action, id string) {
	c := call{front: f, request: r, writer: w, resource: res, action: perform, member: a, id: id}
	c.run()
	f.send(w, r, c.reply)
}

// readAction reads the body of an action.
func (c *call) readAction(raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	var err error
	c.argument, err = decode(raw)
	if err != nil && c.front.manners.RoutesBodies {
		return errMalformedBody()
	}
	return err
}
