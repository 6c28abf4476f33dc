package httpapp_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp"
)

// BenchmarkLoadFiles reads all that a server reads before it starts, from disk: a neutron.conf with every option in it, the shipped
// api-paste.ini, and the policies.
func BenchmarkLoadFiles(b *testing.B) {
	file := filepath.Join(b.TempDir(), "neutron.conf")
	f, err := os.Create(file)
	if err != nil {
		b.Fatal(err)
	}
	if err := conf.Sample(f); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		source, err := conf.System("neutron-server", "bench", []string{"--config-file", file})
		if err != nil {
			b.Fatal(err)
		}
		s, err := conf.Load(source)
		if err != nil {
			b.Fatal(err)
		}
		options := paste.Options{App: "neutron", AuthStrategy: s.Text(conf.AuthStrategy), ReadFile: s.ReadFile}
		if _, err := paste.Load("../etc/neutron/api-paste.ini", options); err != nil {
			b.Fatal(err)
		}
		if _, _, err := httpapp.Policies(s); err != nil {
			b.Fatal(err)
		}
	}
}
