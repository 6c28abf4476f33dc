package ml2

import (
	"database/sql"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// storedRange is a row of network_segment_ranges: shared by all projects, or one project's own.
type storedRange struct {
	physical, project string
	shared            bool
	span
}

const selectRanges = `SELECT physical_network, coalesce(project_id, ''), shared, minimum, maximum FROM network_segment_ranges
	WHERE network_type = ? ORDER BY physical_network, minimum, maximum, id`

func storedRanges(tx *store.Tx, networkType string) ([]storedRange, error) {
	var out []storedRange
	err := tx.Each(selectRanges, []any{networkType}, func(rows *sql.Rows) error {
		var r storedRange
		err := rows.Scan(&r.physical, &r.project, &r.shared, &r.first, &r.last)
		out = append(out, r)
		return err
	})
	return out, err
}

// union are the ids in any of the ranges.
func union(ranges []storedRange) spans {
	var out spans
	for _, r := range ranges {
		out = out.add(r.span)
	}
	return out
}

// offered are the ids for a network of the project in the order in which they are tried: its own ranges first, then what is
// shared but for other projects' own ranges.
func offered(ranges []storedRange, project string) []span {
	var own, shared, others spans
	for _, r := range ranges {
		switch {
		case project != "" && r.project == project:
			own = own.add(r.span)
		case r.project != "":
			others = others.add(r.span)
		}
		if r.shared {
			shared = shared.add(r.span)
		}
	}
	return slices.Concat(own, shared.without(others))
}

// without returns what is in s and not in o.
func (s spans) without(o spans) spans {
	var out spans
	for _, r := range s {
		first := r.first
		for _, hole := range o {
			if hole.last < first || hole.first > r.last {
				continue
			}
			if hole.first > first {
				out = append(out, span{first, hole.first - 1})
			}
			first = hole.last + 1
		}
		if first <= r.last {
			out = append(out, span{first, r.last})
		}
	}
	return out
}

// defaultKey is what makes a default range the one of the configuration.
type defaultKey struct {
	networkType, physical string
	span
}

// configured are the default ranges that the configuration asks for.
func (p *Plugin) configured() []defaultKey {
	var out []defaultKey
	for _, t := range p.config.TypeDrivers {
		switch d := p.drivers[t].(type) {
		case *vlanDriver:
			for _, n := range d.configured {
				for _, r := range n.ids {
					out = append(out, defaultKey{VLAN, n.name, r})
				}
			}
		case *tunnelDriver:
			for _, r := range d.ids {
				out = append(out, defaultKey{d.networkType, "", r})
			}
		}
	}
	return out
}

const (
	selectDefaults = `SELECT network_type, physical_network, minimum, maximum, standard_attr_id FROM network_segment_ranges
		WHERE "default" = 1`
	insertDefaultStandard = `INSERT INTO standardattributes
		(resource_type, description, revision_number, created_at) VALUES ('network_segment_ranges', NULL, 0, ?)`
	insertDefault = `INSERT INTO network_segment_ranges
		(id, "default", shared, network_type, physical_network, minimum, maximum, standard_attr_id)
		VALUES (?, 1, 1, ?, ?, ?, ?, ?)`
)

// storeDefaults makes the default ranges of the database those of the configuration. What is there already stays: Neutron
// makes all of them anew at each start.
func (p *Plugin) storeDefaults(tx *store.Tx) error {
	wanted := p.configured()
	var stale []int64
	err := tx.Each(selectDefaults, nil, func(rows *sql.Rows) error {
		var k defaultKey
		var standard int64
		if err := rows.Scan(&k.networkType, &k.physical, &k.first, &k.last, &standard); err != nil {
			return err
		}
		if i := slices.Index(wanted, k); i >= 0 {
			wanted = slices.Delete(wanted, i, i+1)
		} else {
			stale = append(stale, standard)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, standard := range stale {
		if err := tx.DeleteStandard(standard); err != nil {
			return err
		}
	}
	for _, k := range wanted {
		standard, err := tx.Insert(insertDefaultStandard, store.FormatTime(time.Now()))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(insertDefault, uuid.NewString(), k.networkType, k.physical, k.first, k.last, standard); err != nil {
			return err
		}
	}
	return nil
}

// HasRanges reports whether networks of that type take their ids from ranges, and the type may be used.
func (p *Plugin) HasRanges(networkType string) bool {
	return p.drivers[networkType] != nil && HasID(networkType)
}

// CheckRange refuses a range that a type's ids do not fit in. Neutron has the same texts, with a 500.
func CheckRange(networkType string, first, last int64) error {
	refuse := func(typ, format string, args ...any) error {
		return neutron.NewError(neutron.BadRequest, typ, format, args...)
	}
	if networkType == VLAN {
		const text = "Invalid network VLAN range: '%d:%d' - "
		for _, id := range []int64{first, last} {
			if id < minVLAN || id > maxVLAN {
				return refuse("NetworkVlanRangeError", text+"'%d is not a valid VLAN tag'.", first, last, id)
			}
		}
		if last < first {
			return refuse("NetworkVlanRangeError", text+"'End of VLAN range is less than start of VLAN range'.", first, last)
		}
		return nil
	}
	const text = "Invalid network tunnel range: '%d:%d' - "
	greatest := int64(maxVNI)
	if networkType == GRE {
		greatest = maxGRE
	}
	for _, id := range []int64{first, last} {
		if id < 1 || id > greatest {
			return refuse("NetworkTunnelRangeError", text+"%d is not a valid %s identifier.", first, last, id, networkType)
		}
	}
	if last < first {
		return refuse("NetworkTunnelRangeError", text+"End of tunnel range is less than start of tunnel range.", first, last)
	}
	return nil
}

// SyncType is Sync for one network type, after its stored ranges have changed.
func (p *Plugin) SyncType(tx *store.Tx, networkType string) error {
	return p.drivers[networkType].sync(tx)
}
