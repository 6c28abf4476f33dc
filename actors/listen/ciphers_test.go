package listen

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	ecdheAEAD = "ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305 " +
		"ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305 "
	ecdheCBC = "ECDHE-ECDSA-AES128-SHA256 ECDHE-ECDSA-AES128-SHA ECDHE-ECDSA-AES256-SHA " +
		"ECDHE-RSA-AES128-SHA256 ECDHE-RSA-AES128-SHA ECDHE-RSA-AES256-SHA "
	rsaGCM = "AES128-GCM-SHA256 AES256-GCM-SHA384 "
	rsaCBC = "AES128-SHA256 AES128-SHA AES256-SHA "
)

// What is wanted is what `openssl ciphers` of OpenSSL 3.0 lists at @SECLEVEL=0, less what crypto/tls does not have.
func TestCipherStrings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ list, want, ignored string }{
		{"HIGH:!aNULL:!MD5", ecdheAEAD + ecdheCBC + rsaGCM + rsaCBC, ""},
		{"DEFAULT", ecdheAEAD + ecdheCBC + rsaGCM + rsaCBC, ""},
		{"ECDHE:!SHA1", ecdheAEAD + "ECDHE-ECDSA-AES128-SHA256 ECDHE-RSA-AES128-SHA256", ""},
		{"HIGH:!CBC:+AES256:@STRENGTH", ecdheAEAD + rsaGCM, ""},
		{"HIGH:-AES:AESGCM", ecdheAEAD + rsaGCM, ""},
		{"HIGH:!AES:AESGCM:AES", "ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-RSA-CHACHA20-POLY1305", ""},
		{"SSLv3, TLSv1", "ECDHE-ECDSA-AES128-SHA ECDHE-ECDSA-AES256-SHA ECDHE-RSA-AES128-SHA ECDHE-RSA-AES256-SHA " +
			"AES128-SHA AES256-SHA", ""},
		{"AES256+aRSA", "ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-SHA AES256-GCM-SHA384 AES256-SHA", ""},
		{"aRSA:-kRSA;SHA256", "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305 " +
			"ECDHE-RSA-AES128-SHA256 ECDHE-RSA-AES128-SHA ECDHE-RSA-AES256-SHA AES128-SHA256 ECDHE-ECDSA-AES128-SHA256", ""},
		{"ECDH+AESGCM:DH+AESGCM:RSA+AES:!aNULL:!eNULL:!MD5:!DSS",
			"ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 " +
				"ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 " + rsaGCM + rsaCBC, "DH+AESGCM"},
		{"ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:TLS_AES_256_GCM_SHA384",
			"ECDHE-RSA-AES128-GCM-SHA256",
			"DHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-SHA384 TLS_AES_256_GCM_SHA384"},
		{"AES128-SHA:DES-CBC3-SHA:RC4-SHA", "AES128-SHA", "DES-CBC3-SHA RC4-SHA"},
	} {
		chosen, ignored, err := chooseCiphers(c.list)
		if err != nil {
			t.Errorf("%q: %v", c.list, err)
			continue
		}
		var got []string
		for _, s := range chosen {
			got = append(got, s.name)
		}
		want := strings.Fields(c.want)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q:\n%s", c.list, diff)
		}
		if got := strings.Join(ignored, " "); got != c.ignored {
			t.Errorf("%q: ignored %q, want %q", c.list, got, c.ignored)
		}
	}
}

func TestCipherStringsRefused(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"":                            "no cipher is left",
		"HIGH:!ALL":                   "no cipher is left",
		"DHE-RSA-AES128-SHA":          "no cipher is left",
		"HIGH:@SECLEVEL=2":            `"@SECLEVEL=2" is not supported`,
		"HIGH:!RC5":                   `"!RC5" is not supported`,
		"PROFILE=SYSTEM":              `"PROFILE=SYSTEM" is not supported`,
		"ECDHE-RSA-AES265-GCM-SHA384": `"ECDHE-RSA-AES265-GCM-SHA384" is not supported`,
		"HIGH:ECDHE++AES":             `"ECDHE++AES" is not supported`,
		"HIGH:!!MD5":                  `"!!MD5" is not supported`,
		"HIGH:!":                      `"!" is not supported`,
		"high":                        `"high" is not supported`,
	} {
		_, _, err := chooseCiphers(list)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", list, err, want)
		}
	}
}
