package conf

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTypesParse(t *testing.T) {
	t.Parallel()
	zeroToTen := Integer{Min: bound(0), Max: bound(10)}
	tests := []struct {
		typ  Type
		text string
		want any
	}{
		{Boolean{}, "true", true}, {Boolean{}, "ON", true}, {Boolean{}, "Yes", true}, {Boolean{}, "1", true},
		{Boolean{}, "false", false}, {Boolean{}, "off", false}, {Boolean{}, "NO", false}, {Boolean{}, "0", false},
		{Integer{}, " 42 ", 42}, {Integer{}, "-7", -7}, {Integer{}, "+7", 7}, {Integer{}, "1_000", 1000},
		{Integer{}, "١٢", 12}, {Float{}, "٠.٥", 0.5}, {List{Item: Integer{}}, "007, 1_0", []string{"7", "10"}},
		{List{Item: Boolean{}}, "on,0", []string{"True", "False"}}, {Dict{Value: Float{}}, "a:1", map[string]string{"a": "1.0"}},
		{URI{}, "http://u@", "http://u@"}, {URI{}, "http://[fe80::1%25eth0]:80/", "http://[fe80::1%25eth0]:80/"},
		{URI{}, "x+y://h:99999?[", "x+y://h:99999?["}, {URI{}, "http://h/é%zz", "http://h/é%zz"}, {URI{}, "http://[v1.x]", "http://[v1.x]"},
		{Integer{}, "007", 7}, {Integer{}, "", nil}, {Integer{}, "  ", nil},
		{zeroToTen, "0", 0}, {zeroToTen, "10", 10}, {Integer{Choices: []int{4, 6}}, "6", 6},
		{Port{}, "65535", 65535}, {Port{}, "0", 0}, {Port{}, "", nil},
		{FileMode{}, "0660", "0660"}, {FileMode{}, "777", "777"},
		{Float{}, "1.5", 1.5}, {Float{}, " 2 ", 2.0}, {Float{}, "1_0e1", 100.0}, {Float{}, "", nil},
		{Text{}, "", ""}, {Text{}, " x ", " x "}, {Text{Choices: []string{"a", ""}}, "", ""},
		{Text{Choices: []string{"Days"}, IgnoreCase: true}, "days", "days"},
		{Text{MaxLength: 2}, "éé", "éé"}, {Text{Regex: regexp.MustCompile("b")}, "abc", "abc"},
		{List{}, "", []string{}}, {List{}, "a, b ,c", []string{"a", "b", "c"}}, {List{}, "a,,b", []string{"a", "", "b"}},
		{List{}, "a,b,", []string{"a", "b"}}, {List{}, "a\nb", []string{"a\nb"}},
		{List{Item: Text{Choices: []string{"a,b", "c"}}}, "a,b,c", []string{"a,b", "c"}},
		{List{Item: Dict{}}, "ftp:tcp,tftp:udp", []string{"ftp:tcp", "tftp:udp"}},
		{Dict{}, "", map[string]string{}}, {Dict{}, "a:1, b : 2 ", map[string]string{"a": "1", "b": "2"}},
		{Dict{}, "a:b:c", map[string]string{"a": "b:c"}}, {Dict{}, "a:", map[string]string{"a": ""}},
		{Dict{Value: Text{Choices: []string{"x,y"}}}, "a:x,y", map[string]string{"a": "x,y"}},
		{IPAddress{}, "10.0.0.1", "10.0.0.1"}, {IPAddress{}, "::", "::"}, {IPAddress{Version: 6}, "fe80::1", "fe80::1"},
		{Hostname{}, "a-1.example.org.", "a-1.example.org"},
		{HostAddress{}, "0.0.0.0", "0.0.0.0"}, {HostAddress{}, "::1", "::1"}, {HostAddress{}, "node", "node"},
		{HostAddress{Scoped: true}, "fe80::1%eth0", "fe80::1%eth0"},
		{URI{}, "http://h/p", "http://h/p"}, {URI{Schemes: []string{"http"}}, "http://h", "http://h"},
	}
	for _, tc := range tests {
		got, err := tc.typ.Parse(tc.text)
		if err != nil {
			t.Errorf("%v %q: %v", tc.typ, tc.text, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%v %q (-want +got):\n%s", tc.typ, tc.text, diff)
		}
	}
}

func TestTypesRefuse(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	tests := []struct {
		typ        Type
		text, want string
	}{
		{Boolean{}, "maybe", "Unexpected boolean value 'maybe'"},
		{Boolean{}, "", "Unexpected boolean value ''"},
		{Integer{}, "abc", "invalid literal for int() with base 10: 'abc'"},
		{Integer{}, "1__0", "invalid literal for int() with base 10: '1__0'"},
		{Integer{}, "_1", "invalid literal for int() with base 10: '_1'"},
		{Integer{}, "0x10", "invalid literal for int() with base 10: '0x10'"},
		{Integer{}, "3 # three", "invalid literal for int() with base 10: '3 # three'"},
		{Integer{}, "1.0", "invalid literal for int() with base 10: '1.0'"},
		{Integer{}, strings.Repeat("9", 4301), "Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; " +
			"use sys.set_int_max_str_digits() to increase the limit"},
		{Integer{Min: bound(0)}, "-99999999999999999999", "Should be greater than or equal to 0"},
		{Integer{Min: bound(1)}, "0", "Should be greater than or equal to 1"},
		{Integer{Max: bound(3)}, "4", "Should be less than or equal to 3"},
		{Integer{Max: bound(2147483)}, "3000000", "Should be less than or equal to 2.14748e+06"},
		{Port{}, "99999999999999999999", "Should be less than or equal to 65535"},
		{Integer{}, "99999999999999999999x", "invalid literal for int() with base 10: '99999999999999999999x'"},
		{Integer{}, strings.Repeat("x", 300), "invalid literal for int() with base 10: '" + strings.Repeat("x", 199)},
		{Dict{}, ":v,x", "Key name should not be empty"},
		{IPAddress{}, "fe80::1%eth0", "fe80::1%eth0 is not IPv4 or IPv6 address"},
		{Hostname{}, strings.Repeat("é", 253), strings.Repeat("é", 253) + " contains no non-numeric characters in the top-level domain " +
			"part of the host name and is invalid"},
		{URI{}, "http://1.2.3.400/", "('host was required but missing', URIReference(scheme='http', authority='1.2.3.400', path='/', query=None, fragment=None), ['host'])"}, {URI{}, "http://[fe80::1%eth0]/", "('host was found to be invalid', URIReference(scheme='http', authority='[fe80::1%eth0]', path='/', query=None, fragment=None), ['host'])"},
		{URI{}, "http://h/[x]", "('path was found to be invalid', URIReference(scheme='http', authority='h', path='/[x]', query=None, fragment=None), ['path'])"}, {URI{}, "http://a b/", "('host was required but missing', URIReference(scheme='http', authority='a b', path='/', query=None, fragment=None), ['host'])"},
		{URI{Schemes: []string{"http"}}, "HTTP://h", `("scheme was required to be one of ['http'] but was 'HTTP'", 'scheme', 'HTTP', {'http'})`},
		{Integer{Choices: []int{4, 6}}, "5", "Valid values are OrderedDict({4: None, 6: None}), but found 5"},
		{FileMode{}, "0668", "'0668' is not a file mode: octal digits from 0001 to 0777 are expected, such as 0660"},
		{FileMode{}, "1777", "'1777' is not a file mode: octal digits from 0001 to 0777 are expected, such as 0660"},
		{FileMode{}, "", "'' is not a file mode: octal digits from 0001 to 0777 are expected, such as 0660"},
		{Port{}, "65536", "Should be less than or equal to 65535"},
		{Port{}, "-1", "Should be greater than or equal to 0"},
		{Float{}, "x", "could not convert string to float: 'x'"},
		{Float{}, "0x1p1", "could not convert string to float: '0x1p1'"},
		{Float{Min: bound(0.5)}, "0", "Should be greater than or equal to 0.5"},
		{Float{Max: bound(1.0)}, "2", "Should be less than or equal to 1"},
		{Text{Choices: []string{"legacy", "pecan"}}, "PECAN", "Valid values are [legacy, pecan], but found 'PECAN'"},
		{Text{MaxLength: 2}, "abc", "Value 'abc' exceeds maximum length 2"},
		{Text{Regex: regexp.MustCompile("^x$")}, "y", "Value 'y' doesn't match regex '^x$'"},
		{List{Item: Integer{}}, "1,x", "invalid literal for int() with base 10: 'x'"},
		{Dict{}, "a", `Value should be NAME:VALUE pairs separated by ","`},
		{Dict{}, ":v", "Key name should not be empty"},
		{Dict{}, "a:1,a:2", "Duplicate key a"},
		{IPAddress{}, "", "IP address cannot be an empty string"},
		{IPAddress{}, "1.2.3", "1.2.3 is not IPv4 or IPv6 address"},
		{IPAddress{Version: 4}, "::1", "::1 is not an IPv4 address"},
		{IPAddress{Version: 6}, "1.2.3.4", "1.2.3.4 is not an IPv6 address"},
		{Hostname{}, "", "Cannot have an empty hostname"},
		{Hostname{}, "a_b", "a_b is an invalid hostname"},
		{Hostname{}, "-a", "-a is an invalid hostname"},
		{Hostname{}, "a-", "a- is an invalid hostname"},
		{Hostname{}, "a..b", "a..b is an invalid hostname"},
		{Hostname{}, long, long + " is an invalid hostname"},
		{Hostname{}, strings.Repeat("a.", 127), "hostname is greater than 253 characters: " + strings.Repeat("a.", 127)},
		{Hostname{}, "a.1", "a.1 contains no non-numeric characters in the top-level domain part of the host name and is invalid"},
		{HostAddress{}, "1.2.3.400", "1.2.3.400 is not a valid host address"},
		{URI{}, "nope", "('host, scheme were required but missing', URIReference(scheme=None, authority=None, path='nope', query=None, fragment=None), ['host', 'scheme'])"},
		{URI{}, "http:///p", "('host was required but missing', URIReference(scheme='http', authority=None, path='/p', query=None, fragment=None), ['host'])"},
		{URI{Schemes: []string{"http", "https"}}, "ftp://h", `("scheme was required to be one of ['http', 'https'] but was 'ftp'", 'scheme', 'ftp', {'http', 'https'})`},
		{URI{MaxLength: 8}, "http://hh", "Value 'http://hh' exceeds maximum length 8"},
	}
	for _, tc := range tests {
		value, err := tc.typ.Parse(tc.text)
		if err == nil {
			t.Errorf("%v accepts %q as %v", tc.typ, tc.text, value)
		} else if err.Error() != tc.want {
			t.Errorf("%v %q:\ngot  %s\nwant %s", tc.typ, tc.text, err, tc.want)
		}
	}
}

func TestTypeNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		typ  Type
		want string
	}{
		{Boolean{}, "Boolean"}, {Integer{}, "Integer"}, {Integer{Min: bound(1)}, "Integer(min=1)"},
		{Integer{Choices: []int{4, 6}}, "Integer(choices=[4, 6])"}, {Port{}, "Port(min=0, max=65535)"}, {FileMode{}, "FileMode"},
		{Float{Min: bound(0.5), Max: bound(2.0)}, "Float(min=0.5, max=2)"}, {Text{}, "String"},
		{Text{Choices: []string{"a"}}, "String(choices=['a'])"},
		{Text{Regex: regexp.MustCompile("x")}, "String(regex='x')"},
		{List{}, "List of String"}, {Dict{Value: Integer{}}, "Dict of Integer"}, {IPAddress{}, "IPAddress"},
		{Hostname{}, "Hostname"}, {HostAddress{}, "HostAddress"}, {URI{}, "URI"},
	}
	for _, tc := range tests {
		if got := tc.typ.String(); got != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
}

func TestListOfCleanItemsRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.StringMatching(`[a-z0-9:*]{1,8}`), 1, 8).Draw(t, "items")
		separator := rapid.SampledFrom([]string{",", ", ", " ,", " , "}).Draw(t, "separator")
		trailing := rapid.SampledFrom([]string{"", ",", ",,"}).Draw(t, "trailing")
		got, err := List{}.Parse(strings.Join(items, separator) + trailing)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(any(items), got); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
	})
}

func TestPythonText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value any
		want  string
	}{
		{nil, "None"}, {true, "True"}, {false, "False"}, {-3, "-3"}, {60.0, "60.0"}, {0.25, "0.25"}, {"x", "x"},
		{[]string{"a", "it's"}, `['a', "it's"]`}, {[]string{}, "[]"},
		{map[string]string{"b": "2", "a": "1"}, "{'a': '1', 'b': '2'}"},
		{[]string{"\n\t\r\x01\u0085\u2028\U000e0001é"}, `['\n\t\r\x01\x85\u2028\U000e0001é']`},
	}
	for _, tc := range tests {
		if got := pyText(tc.value); got != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
}
