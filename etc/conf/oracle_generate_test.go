package conf

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// oracleCase is one configuration that both sides read.
type oracleCase struct {
	Files    map[string]string `json:"files"`
	Args     []string          `json:"args,omitempty"`
	Env      map[string]string `json:"env,omitempty"`
	Required bool              `json:"required,omitempty"`
	Find     []string          `json:"find,omitempty"`
}

// generator makes cases of everything the dialect has. The same seed and number make the same case.
type generator struct {
	*rand.Rand
	options []*Option
	c       oracleCase
}

// oracleSuite is the cases made by hand, and behind them generated ones.
func oracleSuite(seed uint64, generated int) []oracleCase {
	cases := handmade()
	for n := range generated {
		cases = append(cases, generate(seed, uint64(n)))
	}
	return cases
}

// handmade are cases that chance makes seldom or never.
func handmade() []oracleCase {
	file := func(text string, args ...string) oracleCase {
		return oracleCase{Files: map[string]string{"/w/a.conf": text, "/w/b.conf": "[DEFAULT]\nword = b\n"},
			Args: append([]string{"--config-file", "/w/a.conf"}, args...)}
	}
	inEnv := func(c oracleCase, name, value string) oracleCase {
		c.Env = map[string]string{name: value}
		return c
	}
	var cases []oracleCase
	for _, args := range oddSwitches() {
		cases = append(cases, file("[DEFAULT]\nlevel = 1\n", args...))
	}
	find := file("", "--config-file", "/w/d/c.conf", "--config-dir", "/w/e", "--config-dir", "/w/f")
	for _, path := range []string{"/w/d/c.conf", "/w/d/1", "/w/1", "/w/d/2", "/w/e/2", "/w/e/3", "/w/f/3", "/w/4", "/w/etc/neutron/4", "/w/etc/5"} {
		find.Files[path] = ""
	}
	find.Find = []string{"1", "2", "3", "4", "5", "6"}
	return append(cases, find,
		file(""), file("\n\n"), file("# only a comment"), file("[DEFAULT]\nbind = fe80::1%eth0\n"),
		file("[DEFAULT]\nsite = http://h\n /x\n"), file("[DEFAULT]\nflat_out = ${nosuch.name}\n", "--flat-out"),
		inEnv(file("[DEFAULT]\nlevel = x\n"), "OS_DEFAULT__LEVEL", "1"),
		inEnv(file("[DEFAULT]\nlevel = 2\n"), "OS_DEFAULT__LEVEL", "x"), inEnv(file(""), "OS_DEFAULT__GONE", "x"),
		inEnv(file(""), "OS_DEFAULT__EACH", "ab"), inEnv(file("[DEFAULT]\nword = f\n"), "OS_DEFAULT__WORD", "$count"),
		inEnv(file("", "--level", "3"), "OS_DEFAULT__LEVEL", "4"),
		inEnv(file("[DEFAULT]\nlevel = 2\n", "--level", "3"), "OS_DEFAULT__LEVEL", "4"), file("[DEFAULT]\nconfig_file = x\n"),
		file("[DEFAULT]\nconfig_dir = x\n"), file("", "--config-file", "/w/b.conf", "--config-dir", "/w", "--config-dir", "/w/a.conf"),
		file("[DEFAULT]\nlog_path = $config_file\nword = $config_dir\n"), file("[DEFAULT]\nlog_path = $config_dir\n", "--config-dir", "/w"), file("bare\n", "--nosuch"), file("[DEFAULT]\nlevel = $hidden\n"),
		file("a = 1\nb\n"), file("a = 1\n cont\n[x\n"), file("[DEFAULT]\nword = 'one\n two'\n three\n"),
		file("[DEFAULT]\nword = a\n\n b\n"), file("[DEFAULT]\nword =\n a\n b\n"), file("[DEFAULT]\nmany = 1\nmany = 2\n[DEFAULT]\nmany = 3\n"),
		file("[DEFAULT]\neach = 1\n", "--each", "2", "--config-file", "/w/a.conf", "--each", "3"),
		file("[DEFAULT]\nword = $word\n"), file("[DEFAULT]\nword = $path\n"), file("[net]\nmtu = ${store.pool}0\n[store]\npool = $mtu\n"),
		file("[DEFAULT]\nnumbers = 10\n"), file("[DEFAULT]\nbig = 2147484\n"), file("[DEFAULT]\npick = 1000000\n"),
		file("[DEFAULT]\nshort = it's \"123\"\n"), file("[DEFAULT]\nint = 1\nints = 2\nint = 3\n"), file("[DEFAULT]\nfl\u0000ag = 1\n"),
		file("[DEFAULT]\nmode = \u2028\U000e0001\x7f\u0085x\n"),
	)
}

func generate(seed, number uint64) oracleCase {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, number)), options: oracleOptions(),
		c: oracleCase{Files: map[string]string{}}}
	switch n := g.IntN(100); {
	case n < 55:
		g.values()
	case n < 65:
		g.mistakes()
	case n < 85:
		g.commandLine()
	default:
		g.places()
	}
	g.c.Required = g.oneIn(10)
	return g.c
}

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

// values are one to three files, and now and then environment variables.
func (g *generator) values() {
	for i := range 1 + g.IntN(3) {
		path := fmt.Sprintf("/w/%c.conf", 'a'+i)
		g.c.Files[path] = g.file(1 + g.IntN(14))
		g.c.Args = append(g.c.Args, "--config-file", path)
	}
	if g.oneIn(8) {
		g.environment()
	}
}

func (g *generator) environment() {
	g.c.Env = map[string]string{}
	for range 1 + g.IntN(3) {
		o := g.option()
		g.c.Env[strings.ToUpper("OS_"+o.Group+"__"+o.Key())] = g.value(o)
	}
}

// mistakes are files that a line or a byte has been done to.
func (g *generator) mistakes() {
	lines := strings.SplitAfter(g.file(1+g.IntN(6)), "\n")
	for range 1 + g.IntN(2) {
		at := g.IntN(len(lines) + 1)
		broken := pick(g, "bare word\n", "=\n", " = x\n", ": y\n", "= 5\n", "[DEFAULT\n", "[]\n", "[\n", "[DEFAULT] # no\n",
			"  lost\n", "\tlost\n", "[]]\n", "[ DEFAULT ]\nword = x\n", "key\n", "'quoted'\n", "\ufeff[DEFAULT]\n", "\x00\n", "\x0bkey\n",
			"[net]\n cont\n", "# c\n cont\n", "\u00a0x = 1\n", "é\n", "it's \"both\"\n", "x\ty\n", "\\\n", "\u0085\n", "\u2028z\n")
		lines = append(lines[:at], append([]string{broken}, lines[at:]...)...)
	}
	text := strings.Join(lines, "")
	if g.oneIn(4) { // no section yet
		text = strings.Replace(text, "[", pick(g, "#", "word = 1\n[", "x", " ["), 1)
	}
	g.c.Files["/w/a.conf"] = text
	g.c.Args = []string{"--config-file", "/w/a.conf"}
}

// places are default files and directories, directories by name, and files that are missing.
func (g *generator) places() {
	for range g.IntN(5) {
		dir := pick(g, "/w/home/.neutron", "/w/home", "/w/etc/neutron", "/w/etc", "/w/d", "/w/etc/neutron/neutron.conf.d",
			"/w/home/neutron.conf.d", "/w/etc/neutron-server.conf.d", "/w/home/.neutron/neutron-server.conf.d")
		name := pick(g, "neutron.conf", "neutron.conf", "neutron-server.conf", "x.conf", "a.conf", "z.conf", ".h.conf", "y.ini", "paste.ini")
		g.c.Files[dir+"/"+name] = g.safeFile(1 + g.IntN(4))
	}
	for range g.IntN(4) {
		g.c.Args = append(g.c.Args, pick(g,
			[]string{"--config-file", "/w/d/x.conf"}, []string{"--config-file=/w/etc/neutron/neutron.conf"},
			[]string{"--config-fil", "/w/d/x.conf"}, []string{"--config-dir", "/w/d"}, []string{"--config-dir", "d"},
			[]string{"--config-dir=/w/none.d"}, []string{"--config-file", "d/a.conf"}, []string{"--config-file", "~/neutron.conf"},
			[]string{"--config-dir", "~/neutron.conf.d"}, []string{"--config-dir", "/w/d/x.conf"}, []string{"--config-d", "/w/d/"},
			[]string{"--config-file", "/w/d"}, []string{"--config-file", "/w/d/../d/z.conf"}, []string{"--config-dir", "/w/d/."})...)
	}
	g.c.Find = []string{"paste.ini", "neutron.conf", "nowhere", "x.conf"}
}

// commandLine is a line of switches between files.
func (g *generator) commandLine() {
	g.c.Files["/w/a.conf"] = g.safeFile(1 + g.IntN(6))
	g.c.Files["/w/b.conf"] = g.safeFile(1 + g.IntN(6))
	if g.oneIn(10) {
		g.c.Files["/w/a.conf"] += pick(g, "bare word\n", "[\n", "=\n")
	}
	for range 1 + g.IntN(6) {
		g.c.Args = append(g.c.Args, g.switches()...)
	}
	if g.oneIn(10) {
		g.environment()
	}
	if !g.oneIn(5) {
		at := g.IntN(len(g.c.Args) + 1)
		g.c.Args = append(g.c.Args[:at:at], append([]string{"--config-file", "/w/a.conf"}, g.c.Args[at:]...)...)
	}
}

func (g *generator) switches() []string {
	if g.oneIn(12) {
		return pick(g, oddSwitches()...)
	}
	var withFlags []*Option
	for _, o := range g.options {
		if o.Flags != nil {
			withFlags = append(withFlags, o)
		}
	}
	o := pick(g, withFlags...)
	flag := pick(g, o.Flags...)
	if g.oneIn(6) && strings.HasPrefix(flag, "--") {
		flag = flag[:3+g.IntN(len(flag)-2)] // an abbreviation, perhaps an ambiguous one
	}
	if _, isBool := o.Type.(Boolean); isBool {
		if g.oneIn(3) && strings.HasPrefix(flag, "--") {
			flag = "--no" + flag[2:]
			if o.Group == "net" {
				flag = "--net-noup"
			}
		}
		return []string{flag}
	}
	value := g.good(o)
	if g.oneIn(8) {
		value = g.value(o)
	}
	if g.oneIn(3) {
		return []string{flag + "=" + value}
	}
	return []string{flag, value}
}

// oddSwitches are those whose meaning is argparse's to say.
func oddSwitches() [][]string {
	return [][]string{{"--nosuch"}, {"--nosuch=1"}, {"word"}, {"-z"}, {"--"}, {"-"},
		{""}, {"--flag=1"}, {"-fo"}, {"-fl", "3"}, {"-fl3"}, {"-ofx"}, {"-l=3"},
		{"-l5"}, {"-l", "-1"}, {"-l", "-x"}, {"--level", "--flag"}, {"--level"}, {"-5"},
		{"-5 x"}, {"--log-path", "- x"}, {"--fla"}, {"--fl"}, {"--log"}, {"--no"},
		{"--noflat"}, {"--version"}, {"--help"}, {"-h"}, {"-fh"}, {"--config-file"},
		{"--config-file", "/w/b.conf"}, {"--config-file=/w/b.conf"}, {"--config-fi", "/w/b.conf"},
		{"--config-dir", "/w"}, {"--level", "--", "3"}, {"-f5"}, {"-f="}, {"--each="},
		{"-ea", "-eb"}, {"--when", ""}, {"--net-name", "a b"}, {"--net-name=$word"}, {"--log-path", "-5"},
		{"--log-path", "-.5"}, {"--log-path", "-a b"}, {"--log-path", "-"}, {"--flag", "--", "--flag"}, {"--nosuch", "v", "-z"}}
}

func (g *generator) option() *Option { return pick(g, g.options...) }

// file is a text in which anything may stand that a value can be.
func (g *generator) file(assignments int) string {
	return g.text(assignments, func(o *Option) string {
		if o.Flags != nil && !g.oneIn(10) { // a wrong one ends the other side
			return g.good(o)
		}
		return g.value(o)
	})
}

// safeFile has only valid values for options of the command line.
func (g *generator) safeFile(assignments int) string {
	return g.text(assignments, func(o *Option) string {
		if o.Flags != nil || g.oneIn(2) {
			return g.good(o)
		}
		return g.value(o)
	})
}

func (g *generator) text(assignments int, value func(*Option) string) string {
	var out strings.Builder
	section := ""
	for range assignments {
		o := g.option()
		place := o.Place()
		if len(o.Deprecated) > 0 && g.oneIn(2) {
			place = pick(g, o.Deprecated...)
		}
		if place.Group != section || g.oneIn(10) {
			section = place.Group
			out.WriteString(g.header(section))
		}
		g.assignment(&out, place.Key, value(o))
		g.noise(&out)
	}
	text := out.String()
	switch {
	case g.oneIn(12):
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case g.oneIn(20):
		text = strings.ReplaceAll(text, "\n", "\r")
	case g.oneIn(12):
		text = strings.TrimSuffix(text, "\n")
	}
	return text
}

func (g *generator) header(section string) string {
	if g.oneIn(12) && section != "DEFAULT" {
		section = pick(g, strings.ToUpper(section), strings.ToUpper(section[:1])+section[1:])
	}
	if g.oneIn(30) {
		section = pick(g, "default", "Default", " "+section, section+" ", "nowhere")
	}
	return "[" + section + "]" + pick(g, "\n", "\n", "\n", " \n", "\t\n", "\n\n")
}

func (g *generator) assignment(out *strings.Builder, key, value string) {
	fmt.Fprintf(out, "%s%s%s\n", key, pick(g, " = ", " = ", " = ", "=", ":", ": ", " : ", "  =\t", "= "), value)
	if g.oneIn(25) {
		fmt.Fprintf(out, "%s%s\n", pick(g, " ", "\t", "    ", " \t "), pick(g, "more", "# not a comment", ", x", "", "; y", "k2:v2", ",7", "[z]"))
	}
}

func (g *generator) noise(out *strings.Builder) {
	if g.oneIn(6) {
		out.WriteString(pick(g, "\n", "# comment\n", "; comment\n", "#x = y\n", "  \n", "\t\n", "unknown = 1\n", "un-known: 2\n",
			"\x0c\n", "#\n", "Word = x\n", "flag-old = 1\n"))
	}
}
