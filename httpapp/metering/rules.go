package metering

import (
	"context"
	"net/netip"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Rules answers requests for the rules of metering labels. It is safe for concurrent use.
type Rules struct {
	callbacks.Resource[neutron.MeteringLabelRule]
	o Options
}

// NewRules returns the service for the rules of metering labels on the given database.
func NewRules(o Options) *Rules {
	return &Rules{Resource: callbacks.NewResource(ruleResource(o.DB), o.RuleHooks), o: o.filled()}
}

// RuleNotFound returns the 404 of a rule of a metering label.
func RuleNotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "MeteringLabelRuleNotFound", "Metering label rule '%s' does not exist.", id)
}

// List returns the rules q asks for. Behind a marker that is none there is nothing (observed).
func (s *Rules) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.MeteringLabelRule, error) {
	out, err := s.Resource.List(ctx, rc, q)
	return out, unlessNotFound(err)
}

// Create makes all rules of one request, or none.
func (s *Rules) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.MeteringLabelRule, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.MeteringLabelRule, error) {
		return s.create(tx, rc, a)
	})
}

const insertRule = `INSERT INTO meteringlabelrules (id, metering_label_id, direction, excluded, remote_ip_prefix, source_ip_prefix,
	destination_ip_prefix) VALUES (?, ?, ?, ?, ?, ?, ?)`

func (s *Rules) create(tx *store.Tx, rc *neutron.Context, in neutron.Attrs) (neutron.MeteringLabelRule, error) {
	r := neutron.MeteringLabelRule{ID: s.o.NewID(), LabelID: in.String("metering_label_id"), Direction: in.String("direction"),
		Excluded: in.Bool("excluded")}
	p, err := readPrefixes(in, s.o.Repr)
	if err != nil {
		return r, err
	}
	if r.ProjectID, err = projectOf(tx, rc, r.LabelID); err != nil {
		return r, err
	}
	if err := checkOverlap(tx, &r, p.remote, in.String("remote_ip_prefix")); err != nil {
		return r, err
	}
	r.RemotePrefix, r.SourcePrefix, r.DestinationPrefix = spell(p.remote), spell(p.source), spell(p.destination)
	_, err = tx.Exec(insertRule, r.ID, r.LabelID, r.Direction, r.Excluded, store.Nullable(r.RemotePrefix), store.Nullable(r.SourcePrefix),
		store.Nullable(r.DestinationPrefix))
	return r, err
}

// projectOf returns whose a label is. One of another project is not there, shared or not.
func projectOf(tx *store.Tx, rc *neutron.Context, label string) (string, error) {
	text, args := ownLabels.Narrow(rc, `SELECT coalesce(l.project_id, '') FROM meteringlabels l WHERE l.id = ?`, label)
	var project string
	err := tx.Get(text, args, &project)
	if store.IsNoRows(err) {
		return "", LabelNotFound(label)
	}
	return project, err
}

const remotePrefixes = `SELECT remote_ip_prefix FROM meteringlabelrules
	WHERE metering_label_id = ? AND direction = ? AND excluded = ? AND remote_ip_prefix IS NOT NULL`

// checkOverlap refuses a remote prefix that has addresses of another rule's for the same traffic. asked is how the request
// spells it. What source and destination prefixes have in common nobody asks.
func checkOverlap(tx *store.Tx, r *neutron.MeteringLabelRule, remote netip.Prefix, asked string) error {
	if !remote.IsValid() {
		return nil
	}
	others, err := tx.Strings(remotePrefixes, r.LabelID, r.Direction, r.Excluded)
	if err != nil {
		return err
	}
	for _, text := range others {
		if other, ok := parse(text); ok && remote.Overlaps(other) {
			return neutron.NewError(neutron.Conflict, "MeteringLabelRuleOverlaps",
				"Metering label rule with remote_ip_prefix '%s' overlaps another.", asked)
		}
	}
	return nil
}

// Update refuses: nothing of a rule can be changed, though two of its attributes may be in the request.
func (s *Rules) Update(ctx context.Context, rc *neutron.Context, id string, _ neutron.Attrs) (neutron.MeteringLabelRule, error) {
	r, err := s.Get(ctx, rc, id, neutron.Fields{})
	if err != nil {
		return r, err
	}
	return r, unchangeable()
}

// Delete removes a rule.
func (s *Rules) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, callbacks.Free, func(tx *store.Tx, _ *neutron.MeteringLabelRule) error {
		_, err := tx.Exec(`DELETE FROM meteringlabelrules WHERE id = ?`, id)
		return err
	})
}
