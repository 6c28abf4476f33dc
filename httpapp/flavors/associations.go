package flavors

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Bodies reads the decoded body of a request that associates profiles with a flavor: one, or, when bulk, several.
type Bodies func(rc *neutron.Context, body any) (in []neutron.Attrs, bulk bool, err error)

// Associations answers requests for what is below /flavors/{id}/service_profiles. It is safe for concurrent use.
type Associations struct {
	flavors  *Flavors
	profiles *Profiles
	read     Bodies
	view     wire.View[neutron.Flavor]
}

// NewAssociations returns the associations of f's flavors with p's profiles.
func NewAssociations(f *Flavors, p *Profiles, read Bodies) *Associations {
	return &Associations{flavors: f, profiles: p, read: read, view: FlavorView()}
}

func notAssociated(flavor, profile string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "FlavorServiceProfileBindingNotFound",
		"Service Profile %s is not associated with flavor %s.", profile, flavor)
}

// Create associates profiles with a flavor, all of them or none. The answer shows the flavor where it should show the
// profile: its id, or, for a list, the whole flavor once for each profile (observed).
func (a *Associations) Create(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	flavor := c.Args[0]
	in, bulk, err := a.read(rc, c.Body)
	if err != nil {
		return err
	}
	for _, item := range in {
		if err := c.Enforce("create_flavor_service_profile", map[string]any{"id": item.String("id"), "flavor_id": flavor}); err != nil {
			return err
		}
	}
	var out []neutron.Flavor
	var made []neutron.FlavorProfile
	err = a.flavors.DB.Write(ctx, func(tx *store.Tx) error {
		out, made = out[:0], make([]neutron.FlavorProfile, 0, len(in))
		for _, item := range in {
			f, err := a.associate(tx, rc, flavor, item.String("id"))
			if err != nil {
				return err
			}
			out = append(out, f)
			made = append(made, neutron.FlavorProfile{FlavorID: flavor, ProfileID: item.String("id")})
		}
		return a.flavors.o.AssociationHooks.Created(tx, rc, in, made)
	})
	if err == nil {
		a.answer(c.Out, out, bulk)
	}
	return err
}

const (
	isAssociated = `SELECT count(*) FROM flavorserviceprofilebindings WHERE flavor_id = ? AND service_profile_id = ?`
	associate    = `INSERT INTO flavorserviceprofilebindings (flavor_id, service_profile_id) VALUES (?, ?)`
	dissociate   = `DELETE FROM flavorserviceprofilebindings WHERE flavor_id = ? AND service_profile_id = ?`
)

// associate gives a flavor one more profile. Where one of the two is not there, Neutron fails with 500.
func (a *Associations) associate(tx *store.Tx, rc *neutron.Context, flavor, profile string) (neutron.Flavor, error) {
	if _, err := a.flavors.Load(tx, rc, flavor, neutron.Fields{Names: []string{}}); err != nil {
		return neutron.Flavor{}, err
	}
	if _, err := a.profiles.Load(tx, rc, profile, neutron.Fields{Names: []string{}}); err != nil {
		return neutron.Flavor{}, err
	}
	there, err := associated(tx, flavor, profile)
	if err != nil {
		return neutron.Flavor{}, err
	}
	if there {
		return neutron.Flavor{}, neutron.NewError(neutron.Conflict, "FlavorServiceProfileBindingExists",
			"Service Profile %s is already associated with flavor %s.", profile, flavor)
	}
	if err := a.flavors.o.AssociationHooks.Begin(tx, callbacks.Event[neutron.FlavorProfile]{Operation: callbacks.Create, Context: rc,
		Request: neutron.Attrs{"flavor_id": flavor, "id": profile}}); err != nil {
		return neutron.Flavor{}, err
	}
	if _, err := tx.Exec(associate, flavor, profile); err != nil {
		return neutron.Flavor{}, err
	}
	return a.flavors.Load(tx, rc, flavor, neutron.Fields{})
}

func associated(tx *store.Tx, flavor, profile string) (bool, error) {
	var n int
	err := tx.Get(isAssociated, []any{flavor, profile}, &n)
	return n > 0, err
}

func (a *Associations) answer(w *wire.Buffer, out []neutron.Flavor, bulk bool) {
	w.Open('{')
	if !bulk {
		w.Key(0, "service_profile")
		w.Open('{')
		w.Key(0, "id")
		w.Str(out[0].ID)
		w.Close('}')
		w.Close('}')
		return
	}
	w.Key(0, "service_profiles")
	w.Open('[')
	for i := range out {
		w.Comma(i)
		w.Open('{')
		for j := range a.view {
			w.Key(j, a.view[j].Name)
			a.view[j].Append(w, &out[i])
		}
		w.Close('}')
	}
	w.Close(']')
	w.Close('}')
}

// Show answers with nothing but that the association is there, as in Neutron.
func (a *Associations) Show(ctx context.Context, _ *neutron.Context, c *wire.Call) error {
	err := a.flavors.DB.Read(ctx, func(tx *store.Tx) error { return a.find(tx, c, "get_flavor_service_profile") })
	if err == nil {
		c.Out.Open('{')
		c.Out.Key(0, "service_profile")
		c.Out.Raw("{}}")
	}
	return err
}

// Delete takes a profile from a flavor.
func (a *Associations) Delete(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	return a.flavors.DB.Write(ctx, func(tx *store.Tx) error {
		if err := a.find(tx, c, "delete_flavor_service_profile"); err != nil {
			return err
		}
		err := a.flavors.o.AssociationHooks.Ending(tx, rc, func(neutron.Fields) ([]neutron.FlavorProfile, error) {
			return []neutron.FlavorProfile{{FlavorID: c.Args[0], ProfileID: c.Args[1]}}, nil
		})
		if err != nil {
			return err
		}
		_, err = tx.Exec(dissociate, c.Args[0], c.Args[1])
		return err
	})
}

// find looks whether an association is there, and whether the caller may do something with it. Who may not even see it does
// not find it. It belongs to no project: a rule that asks for the project's members lets nobody pass, where Neutron fails
// with 500.
func (a *Associations) find(tx *store.Tx, c *wire.Call, rule string) error {
	there, err := associated(tx, c.Args[0], c.Args[1])
	if err != nil {
		return err
	}
	if !there {
		return notAssociated(c.Args[0], c.Args[1])
	}
	object := map[string]any{"flavor_id": c.Args[0], "service_profile_id": c.Args[1], "project_id": nil, "tenant_id": nil}
	denied := c.Enforce(rule, object)
	if denied == nil || neutron.KindOf(denied) != neutron.Forbidden {
		return denied
	}
	if err := c.Enforce("get_flavor_service_profile", object); err != nil {
		return noURL()
	}
	return denied
}
