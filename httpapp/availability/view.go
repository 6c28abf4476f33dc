package availability

import (
	"math/big"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// View returns every attribute of a network's availability.
func View() wire.View[Network] {
	return wire.View[Network]{
		{Name: "network_id", Append: func(w *wire.Buffer, n *Network) { w.Str(n.ID) }},
		{Name: "network_name", Append: func(w *wire.Buffer, n *Network) { w.Str(n.Name) }},
		{Name: "project_id", Append: func(w *wire.Buffer, n *Network) { w.Str(n.ProjectID) }},
		{Name: "subnet_ip_availability", Append: appendSubnets},
		{Name: "used_ips", Append: func(w *wire.Buffer, n *Network) { number(w, &n.Used) }},
		{Name: "total_ips", Append: func(w *wire.Buffer, n *Network) { number(w, &n.Total) }},
		{Name: "ip_availability_details", Append: func(w *wire.Buffer, n *Network) { appendDetails(w, &n.Numbers) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, n *Network) { w.Str(n.ProjectID) }},
	}
}

func number(w *wire.Buffer, n *big.Int) { w.B = n.Append(w.B, 10) }

func appendSubnets(w *wire.Buffer, n *Network) {
	w.Open('[')
	for i := range n.Subnets {
		s := &n.Subnets[i]
		w.Comma(i)
		w.Open('{')
		w.Key(0, "subnet_id")
		w.Str(s.ID)
		w.Key(1, "ip_version")
		w.Int(s.IPVersion)
		w.Key(2, "cidr")
		w.Str(s.CIDR)
		w.Key(3, "subnet_name")
		w.Str(s.Name)
		w.Key(4, "used_ips")
		number(w, &s.Used)
		w.Key(5, "total_ips")
		number(w, &s.Total)
		w.Key(6, "ip_availability_details")
		appendDetails(w, &s.Numbers)
		w.Close('}')
	}
	w.Close(']')
}

func appendDetails(w *wire.Buffer, n *Numbers) {
	w.Open('{')
	w.Key(0, "total_ips_in_subnet")
	number(w, &n.TotalInSubnet)
	w.Key(1, "total_ips_in_allocation_pool")
	number(w, &n.TotalInPools)
	w.Key(2, "used_ips_in_subnet")
	number(w, &n.UsedInSubnet)
	w.Key(3, "used_ips_in_allocation_pool")
	number(w, &n.UsedInPools)
	w.Close('}')
}
