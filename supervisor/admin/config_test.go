package admin_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// TestOptionsOfASnapshot loads a real configuration file with secrets in it.
func TestOptionsOfASnapshot(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "neutron.conf")
	text := "[oslo_reports]\nfile_event_handler = /run/neutron/report\nfile_event_handler_interval = 7\n[DEFAULT]\nbind_port = 9797\n[database]\nconnection = mysql://neutron:sesame@db/neutron\n[cors]\nallowed_origin = http://a:sesame@b\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := conf.System("neutron-server", "1", []string{"--config-file", file, "--debug"})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := conf.Load(source)
	if err != nil {
		t.Fatal(err)
	}
	options := admin.Options(snapshot)
	if len(options) != len(conf.Options()) {
		t.Errorf("%d options of %d", len(options), len(conf.Options()))
	}
	for _, want := range []admin.Option{
		{Group: "DEFAULT", Name: "bind_port", Value: "9797", Origin: file + ":5"},
		{Group: "DEFAULT", Name: "debug", Value: "True", Origin: "command line"},
		{Group: "DEFAULT", Name: "bind_host", Value: "0.0.0.0", Origin: "default"},
		{Group: "database", Name: "connection", Value: "****", Origin: file + ":7"},
		{Group: "cors", Name: "allowed_origin", Value: "['http://a:****@b']", Origin: file + ":9"},
	} {
		i := slices.IndexFunc(options, func(o admin.Option) bool { return o.Group == want.Group && o.Name == want.Name })
		if i < 0 {
			t.Errorf("%s.%s is missing", want.Group, want.Name)
			continue
		}
		if diff := cmp.Diff(want, options[i]); diff != "" {
			t.Errorf("option (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(admin.Trigger{Path: "/run/neutron/report", Interval: 7 * time.Second}, admin.ReportTrigger(snapshot)); diff != "" {
		t.Errorf("trigger (-want +got):\n%s", diff)
	}
	var groups []string
	for _, o := range options {
		groups = append(groups, o.Group)
	}
	groups = slices.Compact(groups)
	if groups[0] != "DEFAULT" || !slices.IsSorted(groups[1:]) || slices.Contains(groups[1:], "DEFAULT") {
		t.Errorf("groups in the order %q", groups)
	}
}
