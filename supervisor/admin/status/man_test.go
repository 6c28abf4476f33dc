package status

import (
	"flag"
	"os"
	"strings"
	"testing"
)

func TestManualPageHasEveryCommand(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../docs/man/neutron-status.8")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(data), `\-`, "-")
	for name, a := range actions() {
		_, entry, found := strings.Cut(page, "\n.B "+name+"\n")
		if !found {
			_, entry, found = strings.Cut(page, "\n.BR "+name+" ")
		}
		if !found {
			t.Errorf("%s is missing", name)
			continue
		}
		entry, _, _ = strings.Cut(entry, "\n.TP")
		if a.flags == nil {
			continue
		}
		f := flag.NewFlagSet(name, flag.ContinueOnError)
		a.flags(f, &options{})
		f.VisitAll(func(f *flag.Flag) {
			if !strings.Contains(entry, "--"+f.Name) {
				t.Errorf("%s --%s is missing", name, f.Name)
			}
		})
	}
}
