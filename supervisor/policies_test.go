package supervisor_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestPolicyFilesTakeEffectByThemselves: a policy file that is made, changed, broken, mended or removed, in place or in policy.d,
// needs no signal; what else is edited meanwhile waits for one.
func TestPolicyFilesTakeEffectByThemselves(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.started(isolation)
		create(t, p.client, "http://"+p.addr, "network", `"name": "seen"`)
		sees := func(when string, want bool) {
			t.Helper()
			p.eventually(when, func() bool {
				status, body := p.try("GET", "/v2.0/networks", "")
				return status == 200 && strings.Contains(body, "seen") == want
			})
		}
		p.local("no equals sign")
		p.write("policy.yaml", "\"get_network\": \"!\"\n")
		sees("the file is in force", false)
		if err := os.Remove(p.path("policy.yaml")); err != nil {
			t.Fatal(err)
		}
		sees("without it the defaults are in force", true)
		p.write("policy.yaml", "\"get_network\": \"!\"\n")
		sees("it is in force again", false)
		p.write("policy.yaml", "\"get_network\": \"role:a or\"\n")
		refused := p.path("policy.yaml") + `:1: rule "get_network"`
		p.eventually("a broken file is refused", func() bool { return strings.Contains(p.log(), refused) })
		sees("the former rules stay", false)
		if err := os.Remove(p.path("policy.yaml")); err != nil {
			t.Fatal(err)
		}
		sees("the defaults are back", true)
		if err := os.Mkdir(p.path("policy.d"), 0o700); err != nil {
			t.Fatal(err)
		}
		p.write("policy.d/one.yaml", "\"get_network\": \"!\"\n")
		sees("a file in a new policy.d is in force", false)
		if got := strings.Count(p.log(), refused); got != 1 {
			t.Errorf("the log complains %d times of one broken file", got)
		}
		p.signal(syscall.SIGTERM)
		if status := p.status(); status != 0 {
			t.Errorf("exit status %d", status)
		}
	})
}
