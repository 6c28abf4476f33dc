package segmentrange

import (
	"strconv"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// View returns every attribute of a range. What the database has no value for is left out, but for the project in the
// answer to a create and the description (observed on 2026.1).
func View() wire.View[neutron.SegmentRange] {
	type s = neutron.SegmentRange
	return wire.View[s]{
		{Name: "id", Append: func(w *wire.Buffer, r *s) { w.Str(r.ID) }},
		{Name: "name", Append: appendName},
		{Name: "default", Append: func(w *wire.Buffer, r *s) { w.Bool(r.Default) }},
		{Name: "shared", Append: func(w *wire.Buffer, r *s) { w.Bool(r.Shared) }},
		{Name: "project_id", Append: appendProject},
		{Name: "network_type", Append: func(w *wire.Buffer, r *s) { w.Str(r.NetworkType) }},
		{Name: "physical_network", Append: func(w *wire.Buffer, r *s) { w.Str(r.PhysicalNetwork) }},
		{Name: "minimum", Append: func(w *wire.Buffer, r *s) { w.Int(r.Minimum) }},
		{Name: "maximum", Append: func(w *wire.Buffer, r *s) { w.Int(r.Maximum) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, r *s) { w.Int(r.Revision) }},
		{Name: "description", Append: appendDescription},
		{Name: "created_at", Append: func(w *wire.Buffer, r *s) {
			if !r.NoTimes {
				w.Time(r.CreatedAt)
			}
		}},
		{Name: "updated_at", Append: func(w *wire.Buffer, r *s) {
			if !r.UpdatedAt.IsZero() {
				w.Time(r.UpdatedAt)
			}
		}},
		{Name: "available", Append: appendAvailable},
		{Name: "used", Append: appendUsed},
		{Name: "tags", Append: func(w *wire.Buffer, r *s) { w.Strings(r.Tags) }},
	}
}

func appendName(w *wire.Buffer, r *neutron.SegmentRange) {
	if !r.NoName {
		w.Str(r.Name)
	}
}

func appendProject(w *wire.Buffer, r *neutron.SegmentRange) {
	if r.ProjectID != "" || r.ShowProject {
		w.StrOrNull(r.ProjectID)
	}
}

func appendDescription(w *wire.Buffer, r *neutron.SegmentRange) {
	if r.NoDescription {
		w.Null()
		return
	}
	w.Str(r.Description)
}

func appendAvailable(w *wire.Buffer, r *neutron.SegmentRange) {
	w.Open('[')
	for i, id := range r.Available {
		w.Comma(i)
		w.Int(id)
	}
	w.Close(']')
}

func appendUsed(w *wire.Buffer, r *neutron.SegmentRange) {
	w.Open('{')
	for i, u := range r.Used {
		w.Key(i, strconv.FormatInt(u.ID, 10))
		w.Str(u.ProjectID)
	}
	w.Close('}')
}
