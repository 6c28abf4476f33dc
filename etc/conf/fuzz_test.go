package conf

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzLoad reads any two files and any command line with the real option table. Whatever they hold, loading ends with a
// snapshot or with complaints that name their lines, and says the same a second time.
func FuzzLoad(f *testing.F) {
	for _, c := range handmade() {
		f.Add(c.Files["/w/a.conf"], c.Files["/w/b.conf"], strings.Join(c.Args, "\n"))
	}
	for n := range uint64(40) {
		c := generate(7, n)
		f.Add(c.Files["/w/a.conf"], c.Files["/w/b.conf"], strings.Join(c.Args, "\n"))
	}
	for _, text := range []string{
		"[DEFAULT]\nbind_port = 9696\nlog_dir = $state_path/log\n[database]\nconnection = mysql://u:p@h/d?charset=utf8\n",
		"[ml2]\nphysical_network_mtus = a:1,b:2\nmechanism_drivers = ovs,\n l2pop\n[oslo_policy]\npolicy_dirs = a\npolicy_dirs = b\n",
		"[DEFAULT]\nlog_file = $log_dir\nlog_dir = ${log_file}\n[quotas]\nquota_port = ${quotas.quota_network}\n",
		"[default]\n=\n[\n  x\nfoo\n\xff\n[DEFAULT]\nmy_ip = $my_ip\n", hostileReferences(6),
	} {
		f.Add(text, "", "--config-file\n/w/a.conf\n--debug\n--log-file=x\n--config-dir\n/w")
	}
	f.Fuzz(func(t *testing.T, first, second, args string) {
		for _, options := range []*table{declared(), oracleTable(true)} {
			checkLoad(t, first, second, args, options)
		}
	})
}

func checkLoad(t *testing.T, first, second, args string, options *table) {
	t.Helper()
	src := FileSystem(fstest.MapFS{
		"w/a.conf": {Data: []byte(first)}, "w/b.conf": {Data: []byte(second)}, "etc/neutron/neutron.conf": {Data: []byte(second)},
	}, strings.Split(args, "\n")...)
	s, err := load(src, options)
	again, errAgain := load(src, options)
	if err != nil {
		if errAgain == nil || err.Error() != errAgain.Error() {
			t.Fatalf("first %v\nthen %v", err, errAgain)
		}
		checkProblems(t, err, 1+max(strings.Count(first, "\n")+strings.Count(first, "\r"), strings.Count(second, "\n")+strings.Count(second, "\r")))
		return
	}
	if !slices.Equal(s.Warnings(), again.Warnings()) || len(Diff(s, again)) != 0 {
		t.Fatal("a second load differs")
	}
	s.LogOptValues(func(string) {})
}

func checkProblems(t *testing.T, err error, lines int) {
	t.Helper()
	wrong, ok := errors.AsType[*Error](err)
	if !ok {
		return
	}
	if len(wrong.Problems) == 0 {
		t.Fatal("refused without a problem")
	}
	for _, p := range wrong.Problems {
		if p.Text == "" || p.Line > lines || p.Line < 0 {
			t.Fatalf("%+v in files of %d lines", p, lines)
		}
	}
}
