package httpapp_test

import (
	"strings"
	"testing"
)

// TestAvailabilityTellsPoolsFromSubnets has one address inside of the only pool, the gateway outside of it, and a network
// without any subnet.
func TestAvailabilityTellsPoolsFromSubnets(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	h := identifying(t, conf, open(t, conf), "pecan")
	network := madeAs(t, h, "network", `{"name": "n"}`)
	empty := madeAs(t, h, "network", `{"name": "e"}`)
	subnet := madeAs(t, h, "subnet", `{"network_id": "`+network+`", "ip_version": 4, "cidr": "10.0.0.0/24",
		"allocation_pools": [{"start": "10.0.0.10", "end": "10.0.0.19"}]}`)
	for _, ip := range []string{"10.0.0.10", "10.0.0.99"} {
		madeAs(t, h, "port", `{"network_id": "`+network+`", "fixed_ips": [{"ip_address": "`+ip+`"}]}`)
	}
	const numbers = `"used_ips": 2, "total_ips": 10, "ip_availability_details": {"total_ips_in_subnet": 254, ` +
		`"total_ips_in_allocation_pool": 10, "used_ips_in_subnet": 2, "used_ips_in_allocation_pool": 1}`
	for _, c := range []struct {
		path   string
		status int
		want   string
	}{
		{"/" + network, 200, `{"network_ip_availability": {"network_id": "` + network + `", "network_name": "n", "project_id": "p", ` +
			`"subnet_ip_availability": [{"subnet_id": "` + subnet + `", "ip_version": 4, "cidr": "10.0.0.0/24", "subnet_name": "", ` +
			numbers + `}], ` + numbers + `, "tenant_id": "p"}}`},
		{"?ip_version=4&fields=network_name&fields=used_ips", 200, `{"network_ip_availabilities": [{"network_name": "n", "used_ips": 2}]}`},
		{"?ip_version=6", 200, `{"network_ip_availabilities": []}`},
		{"?network_name=e&fields=total_ips", 200, `{"network_ip_availabilities": [{"total_ips": 0}]}`},
		{"?bogus=1", 400, "['bogus'] is invalid attribute for filtering"},
		{"?sort_key=network_name&sort_dir=asc", 400, "['network_name'] is invalid attribute for sort_keys"},
	} {
		status, body := asService(h, "GET", "/network-ip-availabilities"+c.path, "")
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("GET %s: got %d %s, want %d %s", c.path, status, body, c.status, c.want)
		}
	}
	_, body := asService(h, "GET", "/network-ip-availabilities?fields=network_id&limit=1&sort_key=network_id&sort_dir=desc", "")
	last := max(network, empty)
	if !strings.Contains(body, `[{"network_id": "`+last+`"}], "network_ip_availabilities_links"`) || !strings.Contains(body, "marker="+last) {
		t.Errorf("a page of one: got %s, want %s and a link behind it", body, last)
	}
	if status, _ := asService(h, "DELETE", "/network-ip-availabilities/"+network, ""); status != 405 {
		t.Errorf("a delete: got %d, want 405", status)
	}
}
