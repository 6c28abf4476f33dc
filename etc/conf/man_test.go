package conf

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var manSwitch = regexp.MustCompile(`--?[a-z][a-z_-]*`)

// The manual page tells of every switch, but for the twins that turn one off, and of no other.
func TestManualPageHasEverySwitch(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, "docs", "man", "neutron-server.8"))
	if err != nil {
		t.Fatal(err)
	}
	_, options, _ := strings.Cut(strings.ReplaceAll(string(data), `\-`, "-"), "\n.SH OPTIONS\n")
	options, _, _ = strings.Cut(options, "\n.SH ")
	var got, want []string
	for line := range strings.Lines(options) {
		if strings.HasPrefix(line, ".B") {
			got = append(got, manSwitch.FindAllString(line, -1)...)
		}
	}
	for _, sw := range switches(declared().options) {
		if sw.act != storeFalse {
			want = append(want, sw.names...)
		} else if slices.Contains(sw.names, "--nodebug") { // the page's example
			want = append(want, "--nodebug")
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the page has\n%v\nthe program has\n%v", got, want)
	}
}

// What neutron.conf.5 says of the search is what the loader does.
func TestManualPageNamesTheSearchPath(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, "docs", "man", "neutron.conf.5"))
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(data), `\-`, "-")
	last := 0
	src := machine(nil)
	src.HomeDir = "~"
	for _, dir := range src.searchDirs() {
		at := strings.Index(page[last:], ".I "+dir+"\n")
		if also := strings.Index(page[last:], ".IR "+dir+" ,\n"); at < 0 || also >= 0 && also < at {
			at = also
		}
		if at < 0 {
			t.Errorf("%s is not named, or not in its place", dir)
			continue
		}
		last += at
	}
}
