package api

import (
	"encoding/json"
	"testing"
)

// The right column is what Python 3 prints.
func TestPyRepr(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, repr string }{
		{`null`, "None"}, {`true`, "True"}, {`false`, "False"},
		{`5`, "5"}, {`-0`, "0"}, {`123456789012345678901234567890`, "123456789012345678901234567890"},
		{`1.0`, "1.0"}, {`-0.0`, "-0.0"}, {`1e3`, "1000.0"}, {`1e15`, "1000000000000000.0"}, {`1e16`, "1e+16"}, {`1.5e-7`, "1.5e-07"},
		{`0.0001`, "0.0001"}, {`0.00001`, "1e-05"}, {`123456789.125`, "123456789.125"}, {`1e100`, "1e+100"},
		{`"a"`, "'a'"}, {`""`, "''"}, {`"a'b"`, `"a'b"`}, {`"a\"b"`, `'a"b'`}, {`"a'\"b"`, `'a\'"b'`}, {`"\\"`, `'\\'`},
		{`"\u00e9\n\r\t\u200b\ud83d\ude00\u0000\u007f\u00a0"`, `'é\n\r\t\u200b😀\x00\x7f\xa0'`}, {`"\udbff\udfff"`, `'\U0010ffff'`},
		{`[]`, "[]"}, {`["a",1,null]`, "['a', 1, None]"}, {`{}`, "{}"}, {`{"b":[true],"a":{"c":1.5}}`, "{'a': {'c': 1.5}, 'b': [True]}"},
	} {
		v, err := decode([]byte(c.in))
		if err != nil {
			t.Fatalf("%s: %v", c.in, err)
		}
		if got := PyRepr(v); got != c.repr {
			t.Errorf("%s: got %s, want %s", c.in, got, c.repr)
		}
	}
	if got := PyStr("a'b"); got != "a'b" {
		t.Errorf("PyStr of a text: got %s", got)
	}
	if got := PyStr(json.Number("99999999999999999999")); got != "99999999999999999999" {
		t.Errorf("PyStr of a big number: got %s", got)
	}
}

func TestMACAddressesStayAsSpelledAndNullGetsOne(t *testing.T) {
	t.Parallel()
	o := Options{BaseMAC: "fa:16:3e:4f:00:00"}
	convert := nullToMAC(&o)
	for _, v := range []any{"FA-16-3E-00-00-01", "x", int64(5), []any{}} {
		if got, _ := convert(v); !equal(got, v) {
			t.Errorf("%v: got %v", v, got)
		}
	}
	for _, spelling := range []string{"FA-16-3E-00-00-01", "fa:16:3e:0:0:1", "fa16.3e00.0001", "fa16:3e00:0001", "fa163e-000001", "fa163e000001"} {
		if mac, ok := parseMAC(spelling); !ok || mac != 0xfa163e000001 {
			t.Errorf("%s: got %012x, %v", spelling, mac, ok)
		}
	}
	got, _ := convert(nil)
	if mac, ok := got.(string); !ok || len(mac) != 17 || mac[:11] != "fa:16:3e:4f" {
		t.Errorf("null: got %v, want a random address below %s", got, o.BaseMAC)
	}
	o.RandomMAC = func() string { return "chosen" }
	if got, _ := nullToMAC(&o)(nil); got != "chosen" {
		t.Errorf("null: got %v, want the option's", got)
	}
}

func TestConvertersWriteCanonicalForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		convert  Converter
		in, want any
	}{
		{toCanonicalCIDR, "10.0.0.5/255.255.255.0", "10.0.0.5/24"},
		{toCanonicalCIDR, "10.0.0.0/0.0.0.255", "10.0.0.0/24"},
		{toCanonicalCIDR, "10.0.0.0/0.0.0.0", "10.0.0.0/0"},
		{toCanonicalCIDR, "10.0.0.1", "10.0.0.1/32"},
		{toCanonicalCIDR, "2001:DB8:0::/64", "2001:db8::/64"},
		{toCanonicalIP, "2001:DB8:0:0::1", "2001:db8::1"},
		{toCanonicalIP, "10.0.0.01", "10.0.0.01"},
		{toInt, "1_000", int64(1000)},
		{toInt, 2.9, int64(2)},
		{toInt, true, int64(1)},
		{toBoolean, " Yes ", true},
		{toString, true, "True"},
		{toString, nil, nil},
	} {
		if got, err := c.convert(c.in); err != nil || got != c.want {
			t.Errorf("%v: got %v, %v, want %v", c.in, got, err, c.want)
		}
	}
	pools := []any{map[string]any{"start": "FE80::1", "end": "10.0.0.1"}}
	if _, err := toCanonicalPools(pools); err != nil || pools[0].(map[string]any)["start"] != "fe80::1" {
		t.Errorf("pools: got %v, %v", pools, err)
	}
}
