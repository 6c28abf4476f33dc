package availability

import (
	"database/sql"
	"fmt"
	"math/big"
	"net/netip"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	selectSubnets = `SELECT s.id, coalesce(s.name, ''), s.network_id, s.cidr, s.ip_version FROM subnets s WHERE s.network_id IN (`
	orderSubnets  = `) ORDER BY s.network_id, s.id`
	selectPools   = `SELECT p.subnet_id, p.first_ip, p.last_ip FROM ipallocationpools p WHERE p.subnet_id IN (`
	countUsed     = `SELECT i.subnet_id, count(*) FROM ipallocations i WHERE i.subnet_id IN (`
	groupUsed     = `) GROUP BY i.subnet_id`
	selectUsed    = `SELECT i.subnet_id, i.ip_address FROM ipallocations i WHERE i.subnet_id IN (`
)

// counting is the counting of some networks.
type counting struct {
	tx       *store.Tx
	networks map[string]*Network
	subnets  map[string]*Subnet
	ids      []string
}

// count fills in the numbers of networks. Details are left out where nobody wants them.
func count(tx *store.Tx, networks []Network, version *neutron.Filter, details bool) error {
	c := &counting{tx: tx, networks: make(map[string]*Network, len(networks)), subnets: map[string]*Subnet{}}
	ids := make([]string, len(networks))
	for i := range networks {
		ids[i] = networks[i].ID
		c.networks[ids[i]] = &networks[i]
	}
	steps := []func() error{func() error { return c.readSubnets(ids, version) }, c.readPools, c.countUsed}
	if details {
		steps = append(steps, c.readUsed)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("count addresses: %w", err)
		}
	}
	for i := range networks {
		for j := range networks[i].Subnets {
			networks[i].add(&networks[i].Subnets[j].Numbers)
		}
	}
	return nil
}

func (c *counting) readSubnets(networks []string, version *neutron.Filter) error {
	err := store.Chunks(networks, func(placeholders string, args []any) error {
		text := selectSubnets + placeholders
		if version != nil {
			v := store.Column{Expr: "s.ip_version", Kind: store.Integer}.In(version.Values)
			text, args = text+") AND ("+v.SQL, append(args, v.Args...)
		}
		return c.tx.Each(text+orderSubnets, args, func(rows *sql.Rows) error {
			var s Subnet
			var network string
			if err := rows.Scan(&s.ID, &s.Name, &network, &s.CIDR, &s.IPVersion); err != nil {
				return err
			}
			n := c.networks[network]
			n.Subnets = append(n.Subnets, s)
			c.ids = append(c.ids, s.ID)
			return nil
		})
	})
	if err != nil {
		return err
	}
	for _, n := range c.networks { // pointers that stay: the lists do not grow any more
		for i := range n.Subnets {
			c.subnets[n.Subnets[i].ID] = &n.Subnets[i]
		}
	}
	return nil
}

func (c *counting) readPools() error {
	err := c.each(selectPools, ")", func(rows *sql.Rows) error {
		var id, first, last string
		if err := rows.Scan(&id, &first, &last); err != nil {
			return err
		}
		p := pool{}
		var err error
		if p.first, err = netip.ParseAddr(first); err != nil {
			return err
		}
		if p.last, err = netip.ParseAddr(last); err != nil {
			return err
		}
		s := c.subnets[id]
		s.pools = append(s.pools, p)
		s.TotalInPools.Add(&s.TotalInPools, p.size())
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range c.subnets {
		if err := s.measure(); err != nil {
			return err
		}
	}
	return nil
}

// measure counts what the subnet has.
func (s *Subnet) measure() error {
	prefix, err := netip.ParsePrefix(s.CIDR)
	if err != nil {
		return err
	}
	size := new(big.Int).Lsh(big.NewInt(1), uint(prefix.Addr().BitLen()-prefix.Bits()))
	s.TotalInSubnet.Set(size)
	if s.IPVersion == 4 {
		s.TotalInSubnet.Sub(size, big.NewInt(2))
	}
	s.Total.Set(&s.TotalInPools)
	if len(s.pools) == 0 {
		s.Total.Set(size)
	}
	return nil
}

func (c *counting) countUsed() error {
	return c.each(countUsed, groupUsed, func(rows *sql.Rows) error {
		var id string
		var n int64
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		s := c.subnets[id]
		s.Used.SetInt64(n)
		s.UsedInSubnet.SetInt64(n)
		return nil
	})
}

// readUsed counts the addresses in use that lie in a pool.
func (c *counting) readUsed() error {
	inPools := make(map[*Subnet]int64, len(c.subnets))
	err := c.each(selectUsed, ")", func(rows *sql.Rows) error {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return err
		}
		s := c.subnets[id]
		for _, p := range s.pools {
			if p.first.Compare(ip) <= 0 && ip.Compare(p.last) <= 0 {
				inPools[s]++
			}
		}
		return nil
	})
	for s, n := range inPools {
		s.UsedInPools.SetInt64(n)
	}
	return err
}

// each runs a statement on all subnets, a chunk at a time.
func (c *counting) each(text, tail string, scan func(*sql.Rows) error) error {
	return store.Chunks(c.ids, func(placeholders string, args []any) error {
		return c.tx.Each(text+placeholders+tail, args, scan)
	})
}

func (p pool) size() *big.Int {
	first, last := new(big.Int).SetBytes(p.first.AsSlice()), new(big.Int).SetBytes(p.last.AsSlice())
	return last.Sub(last, first).Add(last, big.NewInt(1))
}
