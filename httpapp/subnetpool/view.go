package subnetpool

import (
	"strconv"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// View returns every attribute of a subnet pool. The answer to an update has the prefix lengths as numbers, where they
// are texts elsewhere, and leaves out what is null and was not asked for (observed on 2026.1).
func View() wire.View[neutron.SubnetPool] {
	return wire.View[neutron.SubnetPool]{
		{Name: "id", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Str(p.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Str(p.Name) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Str(p.ProjectID) }},
		{Name: "default_prefixlen", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { appendLength(w, p, p.DefaultLen) }},
		{Name: "min_prefixlen", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { appendLength(w, p, p.MinLen) }},
		{Name: "max_prefixlen", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { appendLength(w, p, p.MaxLen) }},
		{Name: "is_default", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Bool(p.Default) }},
		{Name: "shared", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Bool(p.Shared) }},
		{Name: "prefixes", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Strings(p.Prefixes) }},
		{Name: "ip_version", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Int(p.IPVersion) }},
		{Name: "default_quota", Append: appendQuota},
		{Name: "address_scope_id", Append: func(w *wire.Buffer, p *neutron.SubnetPool) {
			if p.AddressScopeID != "" || p.Updated == nil || p.Updated.Has("address_scope_id") {
				w.StrOrNull(p.AddressScopeID)
			}
		}},
		{Name: "description", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Str(p.Description) }},
		{Name: "tags", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Strings(p.Tags) }},
		{Name: "created_at", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Time(p.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Time(p.UpdatedAt) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Int(p.Revision) }},
		{Name: "project_id", Append: func(w *wire.Buffer, p *neutron.SubnetPool) { w.Str(p.ProjectID) }},
	}
}

func appendLength(w *wire.Buffer, p *neutron.SubnetPool, n int64) {
	if p.Updated != nil {
		w.Int(n)
		return
	}
	w.Str(strconv.FormatInt(n, 10))
}

func appendQuota(w *wire.Buffer, p *neutron.SubnetPool) {
	switch {
	case p.DefaultQuota != nil:
		w.Int(*p.DefaultQuota)
	case p.Updated == nil || p.Updated.Has("default_quota"):
		w.Null()
	}
}
