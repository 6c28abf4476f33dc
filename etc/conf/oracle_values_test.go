package conf

import (
	"strings"
)

// value is something to set an option to, right or wrong.
func (g *generator) value(o *Option) string {
	switch n := g.IntN(20); {
	case n < 9:
		return g.good(o)
	case n < 14:
		return g.bad(o.Type)
	case n < 17:
		return g.reference(o)
	case n < 18:
		return g.quoted(g.good(o))
	default:
		return g.anything()
	}
}

func (g *generator) quoted(text string) string {
	return pick(g, `"`+text+`"`, `'`+text+`'`, `"`+text+`'`, `"`+text, `" `+text+` "`, `''`, `"`, `""`, `'"'`, `"""`)
}

// reference is a value that refers to others.
func (g *generator) reference(o *Option) string {
	good := g.good(o)
	return pick(g, "$word", "${word}", "$count", "${net.name}", "$net.mtu", "${store.pool}/x", "$$word", `\$word`, "$", "a$", "${",
		"${}", "$1", "$-x", "${word", "$names", "$pairs", "$many", "$flag", "$maybe", "$quiet", "$ratio", "$numbers", "$protos", "$sizes",
		"$ints", "$path", "$log_path", "$nosuch", "${net.nosuch}", "${nosuch.name}", "$net", "${net}", "$WORD", "$word.", "$old_flag",
		"$store_pool", "${DEFAULT.word}", "${NET.name}", "$hidden", "x$hidden", "$"+o.Key(), "${"+o.Group+"."+o.Key()+"}",
		good+"$$", "$$"+good, `\\$word`, "$${word}", "$word$word", "$word-$count", "$mtu", "$up", "$url", "$when", "$each", "$switches")
}

func (g *generator) anything() string {
	return pick(g, "", " ", "x", "a,b,c", "a:b", "0", "1", "-1", "true", "None", "[1, 2]", "{}", "x # y", "x ; y", "é", "日本", "it's",
		`say "hi"`, `back\slash`, `\n`, "a\tb", "%(here)s", "x=y", "x:y=z", ",", ",,", ",a", "a,,b", ":", ":v", "k:", "a:1,a:2",
		"\u00a0x\u00a0", "x\u2003", "\x7f", "\u200b", "1e3", "1_000", "٣", "0x10", "  padded  ", strings.Repeat("long", 60),
		strings.Repeat("1,", 40), strings.Repeat("9", 30), "-"+strings.Repeat("9", 30), "http://user:secret@host/", "\U0001F600", "\\u0041")
}

func (g *generator) good(o *Option) string {
	if o.Name == "shell_completion" {
		return "bash" // oslo's script for zsh ends in an exception where there are no subcommands
	}
	return g.goodFor(o.Type)
}

func (g *generator) goodFor(t Type) string {
	switch t := t.(type) {
	case Boolean:
		return pick(g, "true", "True", "1", "on", "YES", "false", "0", "off", "No")
	case Integer:
		return g.goodInteger(t)
	case Float:
		return pick(g, "0.5", "1", "0", "1e-3", ".25", "1.", "0.1", "1e-7", "+0.5", "1_0e-2", "", "0.30000000000000004")
	case Port:
		return pick(g, "0", "80", "9696", "65535", " 80", "")
	case Text:
		return g.goodText(t)
	case List:
		return g.goodList(t)
	case Dict:
		return g.goodDict(t)
	case IPAddress:
		return g.goodAddress(t)
	case Hostname, HostAddress:
		return pick(g, "host", "a.example.org", "a.example.org.", "x-1.y", "UPPER", strings.Repeat("a", 63), "1a", "a1", "0.a")
	case URI:
		return pick(g, "http://h", "https://h:80/p?q#f", "http://u:p@h/", "http://[::1]:80/", "http://h/a%20b")
	default:
		return "x"
	}
}

func (g *generator) goodInteger(t Integer) string {
	if t.Choices != nil {
		return pick(g, "4", "6", " 6 ")
	}
	return pick(g, "1", "2", "7", "9", "+3", "007", "1_0", "", "٧")
}

func (g *generator) goodText(t Text) string {
	switch {
	case t.Choices != nil && t.IgnoreCase && g.oneIn(2):
		return strings.ToUpper(pick(g, t.Choices...))
	case t.Choices != nil:
		return pick(g, t.Choices...)
	case t.Regex != nil:
		return pick(g, "a-1", "abc-42 and more")
	case t.MaxLength > 0:
		return pick(g, "", "12345678", "é", "日本語")
	default:
		return pick(g, "x", "some words", "", "/var/lib", "a=b", "a:b", "a,b", "rabbit://u:p@h:5672/")
	}
}

func (g *generator) goodList(t List) string {
	var items []string
	for range g.IntN(5) {
		items = append(items, strings.TrimSpace(g.goodFor(orText(t.Item))))
	}
	return strings.Join(items, pick(g, ",", ", ", " ,", ",,")) + pick(g, "", "", "", ",", " , ")
}

func (g *generator) goodDict(t Dict) string {
	var pairs []string
	for i := range g.IntN(4) {
		key := pick(g, "zeta", "alpha", "Beta", "é")
		pairs = append(pairs, key+string(rune('a'+i))+pick(g, ":", ": ", " : ")+strings.TrimSpace(g.goodFor(orText(t.Value))))
	}
	return strings.Join(pairs, pick(g, ",", ", "))
}

func (g *generator) goodAddress(t IPAddress) string {
	if t.Version == 4 || t.Version == 0 && g.oneIn(2) {
		return pick(g, "1.2.3.4", "0.0.0.0", "255.255.255.255")
	}
	return pick(g, "::", "::1", "fe80::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "2001:DB8::", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8")
}

// bad is a value that the type refuses, or nearly so.
func (g *generator) bad(t Type) string {
	switch t := t.(type) {
	case Boolean:
		return pick(g, "maybe", "", "2", "truee", "t", "'true'", "yes # sure", "TRUE\u00a0")
	case Integer, Port:
		return pick(g, "abc", "1.0", "-1", "0", "11", "65536", "2147484", "3000000", "1__0", "_1", "1_", "0x10", "3 # three", "1 2", "--1", "+-1",
			"5", "١٢", "²", "1e3", "inf", strings.Repeat("7", 25), "-"+strings.Repeat("7", 25), strings.Repeat("x", 220), "- 1", "１２")
	case Float:
		return pick(g, "x", "nan", "inf", "-Infinity", "1e400", "-1e400", "1e-400", "0x1p1", "1,5", "-0.1", "1.1", "1e6", "123456789.5", "1e16", "1e22",
			"12345678901234567890", "1e-5", "0.0001", "--1", "1e", ".", "1__0", "-0", "infinit", "NaN ", "٠.٥", "1_.5")
	case Text:
		return pick(g, "PECAN", "Legacy", "days", "HOURS", "123456789", "日本語日本語日本語", "A-1", "a-", "\"1-a\"", "it's too long", `"quo"ted"`)
	case List:
		return pick(g, g.goodList(t)+",x", "x,"+g.goodList(t), "b", "b,c", "b,d", "1,2,x", "10", "a:1,b", ",", "1,,2", "true,maybe", "c,b,c")
	case Dict:
		return pick(g, "a", "a,b:c", "a:b,c", ":v", ":v,x", "a:1,a:2", "a:1,", ",a:1", "a:x", "k:v:w", "a:1,b:x,c:2", "a: 1 2", "a:", ",", "a:1,:2,x")
	case IPAddress, Hostname, HostAddress:
		return pick(g, "", "1.2.3", "1.2.3.4.5", "1.2.3.400", "01.2.3.4", "1.2.3.04", "::1", "1.2.3.4", "fe80::1%eth0", "1::2::3", ":::", "12345::", "a_b",
			"-a", "a-", "a..b", ".", "..", "a.1", "1", "1.2", strings.Repeat("a", 64), strings.Repeat("a.", 127), strings.Repeat("é", 254), "a b", "é.org",
			"::ffff:1.2.3", "[::1]", "1:2:3:4:5:6:7:8:9", "a.-", "a.b-", "1:2:3:4:5:6:7:8::", "host/24", "10.0.0.0/8")
	case URI:
		return pick(g, "nope", "http:///p", "http://", "//h/p", "ftp://h", "HTTP://h", "http:h", "1http://h", "http://h:p", "http://h:99999/", "http://h:123456/",
			"http://u@", "http://:80/", "http://[::1", "http://[::g]/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://1.2.3.400/",
			"http://h/[x]", "http://h/a b", "http://a b/", "http://é/", "http://h/é", "http://h/%zz", "http://h%41/", "http://h%zz/", "http://u:p@h:1/?[", `http://h\x`,
			"http://h#a#b", "a+b.c-d://x", "http://a@b@c/", "http://[v1.x]/", "http://h:/", "http://[::1]80", "http://averyveryverylonghost/", "", "http://h?", "mailto:a@b")
	default:
		return ""
	}
}
