package callbacks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// objects is a domain that keeps its objects in a map and writes down what it is asked.
type objects struct {
	kept map[string]object
	log  *[]string
}

func (d *objects) say(format string, args ...any) {
	*d.log = append(*d.log, fmt.Sprintf(format, args...))
}

func (d *objects) Create(_ context.Context, _ *neutron.Context, in []neutron.Attrs) ([]object, error) {
	d.say("create %d", len(in))
	var out []object
	for _, a := range in {
		o := object{a.String("name")}
		d.kept[o.name] = o
		out = append(out, o)
	}
	return out, nil
}

func (d *objects) Get(_ context.Context, _ *neutron.Context, id string, _ neutron.Fields) (object, error) {
	o, ok := d.kept[id]
	if !ok {
		return o, neutron.NewError(neutron.NotFound, "NotFound", "no %s", id)
	}
	return o, nil
}

func (d *objects) List(context.Context, *neutron.Context, *neutron.Query) ([]object, error) {
	return nil, nil
}

func (d *objects) Update(_ context.Context, _ *neutron.Context, id string, in neutron.Attrs) (object, error) {
	d.say("update %s", id)
	d.kept[id] = object{in.String("name")}
	return d.kept[id], nil
}

func (d *objects) Delete(_ context.Context, _ *neutron.Context, id string) error {
	d.say("delete %s", id)
	delete(d.kept, id)
	return nil
}

// listen writes every event down; refuse refuses BEFORE_CREATE of an object of that name, and BEFORE_DELETE.
func listen(d *objects, refuse string) *Hooks[object] {
	var h Hooks[object]
	for _, p := range []Phase{Before, After, Abort} {
		for _, o := range []Operation{Create, Update, Delete} {
			h.On(p, o, "test", PriorityDefault, func(_ context.Context, e *Event[object]) error {
				text := p.String() + "_" + o.String() + " " + e.ID
				if e.Request != nil {
					text += "request=" + e.Request.String("name")
				}
				if e.Old != nil {
					text += " old=" + e.Old.name
				}
				if e.New != nil {
					text += " new=" + e.New.name
				}
				d.say("%s", text)
				if refuse != "" && p == Before && (o == Delete || o == Create && e.Request.String("name") == refuse) {
					return errors.New("refused")
				}
				return nil
			})
		}
	}
	return &h
}

func TestOperationsPublishWhatHappens(t *testing.T) {
	t.Parallel()
	var log []string
	d := &objects{kept: map[string]object{}, log: &log}
	p := Published[object]{Service: d, Hooks: listen(d, "")}
	ctx, rc := t.Context(), &neutron.Context{}
	if _, err := p.Create(ctx, rc, []neutron.Attrs{{"name": "a"}, {"name": "b"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Update(ctx, rc, "a", neutron.Attrs{"name": "c"}); err != nil {
		t.Fatal(err)
	}
	if err := p.Delete(ctx, rc, "b"); err != nil {
		t.Fatal(err)
	}
	if err := p.Delete(ctx, rc, "b"); neutron.KindOf(err) != neutron.NotFound {
		t.Errorf("got %v, want not found", err)
	}
	want := `before_create request=a
before_create request=b
create 2
after_create request=a new=a
after_create request=b new=b
before_update arequest=c old=a
update a
after_update arequest=c old=a new=c
before_delete b old=b
delete b
after_delete b old=b`
	if got := strings.Join(log, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWhatIsRefusedDoesNotHappen(t *testing.T) {
	t.Parallel()
	var log []string
	d := &objects{kept: map[string]object{"x": {"x"}}, log: &log}
	p := Published[object]{Service: d, Hooks: listen(d, "b")}
	ctx, rc := t.Context(), &neutron.Context{}
	if _, err := p.Create(ctx, rc, []neutron.Attrs{{"name": "a"}, {"name": "b"}}); err == nil {
		t.Error("b was made")
	}
	if err := p.Delete(ctx, rc, "x"); err == nil || len(d.kept) != 1 {
		t.Errorf("got %v, %v kept", err, d.kept)
	}
	want := `before_create request=a
before_create request=b
abort_create request=b
abort_create request=a
before_delete x old=x
abort_delete x old=x`
	if got := strings.Join(log, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWithoutHooksNothingIsRead(t *testing.T) {
	t.Parallel()
	var log []string
	p := Published[object]{Service: &objects{kept: map[string]object{}, log: &log}}
	if _, err := p.Update(t.Context(), &neutron.Context{}, "gone", neutron.Attrs{"name": "n"}); err != nil {
		t.Error(err) // the domain would have noticed; Get was not asked
	}
	if err := p.Delete(t.Context(), &neutron.Context{}, "gone"); err != nil {
		t.Error(err)
	}
}
