package addressgroup

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// AddAddresses is the action add_addresses: the networks in body, none of which the group may have, join it.
func (s *Service) AddAddresses(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.act(ctx, rc, id, body, w, func(tx *store.Tx, g *neutron.AddressGroup, had, others []string) (int, error) {
		if len(had) > 0 {
			return 0, neutron.NewError(neutron.BadRequest, "AddressesAlreadyExist",
				"Addresses %s already exist in the address group %s.", listed(had), g.ID)
		}
		return len(others), add(tx, g, others)
	})
}

// RemoveAddresses is the action remove_addresses: the networks in body, all of which the group must have, leave it.
func (s *Service) RemoveAddresses(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.act(ctx, rc, id, body, w, func(tx *store.Tx, g *neutron.AddressGroup, had, others []string) (int, error) {
		if len(others) > 0 {
			return 0, neutron.NewError(neutron.NotFound, "AddressesNotFound",
				"Addresses %s not found in the address group %s.", listed(others), g.ID)
		}
		return len(had), drop(tx, g, had)
	})
}

// change changes a group that has some of the networks in a request and not the others, and returns how many changed.
type change func(tx *store.Tx, g *neutron.AddressGroup, had, others []string) (int, error)

func (s *Service) act(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer, fn change) error {
	g, err := s.Act(ctx, rc, id, func(tx *store.Tx, g *neutron.AddressGroup) error {
		wanted, err := given(body)
		if err != nil {
			return err
		}
		g.Addresses = slices.Clone(g.Addresses)
		var had, others []string
		for _, a := range wanted {
			if slices.Contains(g.Addresses, a) {
				had = append(had, a)
			} else {
				others = append(others, a)
			}
		}
		n, err := fn(tx, g, had, others)
		if err != nil {
			return err
		}
		return s.revise(tx, g, n)
	})
	if err == nil {
		answer(w, &g)
	}
	return err
}

// answer writes a group as Neutron's actions do: all of it, with its standard attribute's number.
func answer(w *wire.Buffer, g *neutron.AddressGroup) {
	w.Open('{')
	w.Key(0, "address_group")
	w.Open('{')
	for i, f := range View() {
		w.Key(i, f.Name)
		f.Append(w, g)
	}
	w.Key(1, "standard_attr_id")
	w.Int(g.Standard.ID)
	w.Close('}')
	w.Close('}')
}

// given reads the body of an action. Neutron answers 500 to one without a list of addresses.
func given(body any) ([]string, error) {
	m, _ := body.(map[string]any)
	list, ok := m["addresses"].([]any)
	if !ok {
		return nil, neutron.HTTPBadRequest("Invalid input for addresses. Reason: a list of IP networks is required.")
	}
	return canonical(list)
}

// canonical returns the networks, each once.
func canonical(list []any) ([]string, error) {
	var out []string
	seen := make(map[string]bool, len(list))
	for _, v := range list {
		text, _ := v.(string)
		p, ok := parse(text)
		if !ok {
			return nil, neutron.NewError(neutron.BadRequest, "AddrFormatError", "invalid IPNetwork %v", v)
		}
		if a := p.Masked().String(); !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out, nil
}

// parse reads a network. An address alone is a network of one.
func parse(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p, err == nil
}

// listed spells texts as Python does.
func listed(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = "'" + t + "'"
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

const (
	insertAddress = `INSERT INTO address_associations (address, address_group_id) VALUES (?, ?)`
	deleteAddress = `DELETE FROM address_associations WHERE address = ? AND address_group_id = ?`
)

func add(tx *store.Tx, g *neutron.AddressGroup, addresses []string) error {
	for _, a := range addresses {
		if _, err := tx.Exec(insertAddress, a, g.ID); err != nil {
			return fmt.Errorf("add %s to address group %s: %w", a, g.ID, err)
		}
	}
	g.Addresses = append(g.Addresses, addresses...)
	slices.Sort(g.Addresses)
	return nil
}

func drop(tx *store.Tx, g *neutron.AddressGroup, addresses []string) error {
	for _, a := range addresses {
		if _, err := tx.Exec(deleteAddress, a, g.ID); err != nil {
			return fmt.Errorf("take %s from address group %s: %w", a, g.ID, err)
		}
	}
	g.Addresses = slices.DeleteFunc(g.Addresses, func(a string) bool { return slices.Contains(addresses, a) })
	return nil
}
