package logging

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestJSONRecords(t *testing.T) {
	t.Parallel()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	const times = `"created":1772597167.089123,"msecs":89.0,"relative_created":0,"thread":null,"thread_name":null,` +
		`"process_name":"neutron-server","process":4242,`
	for _, c := range []struct {
		name string
		log  func(l zerolog.Logger)
		want string
	}{
		{"without request", func(l zerolog.Logger) {
			l.Warn().Str("instance", "i").Int("n", 1).RawJSON("r", []byte(`{"a":[1]}`)).Msg(`say "hi"`)
		}, `{"message":"say \"hi\"","asctime":"2026-03-04 05:06:07","name":"oslo.x","msg":"say \"hi\"","args":[],` +
			`"levelname":"WARNING","levelno":30,CALLER,` + times + `"traceback":null,"hostname":"HOST","error_summary":"",` +
			`"context":{},"extra":{"instance":"i","n":1,"r":{"a":[1]}}}`},
		{"request with error", func(l zerolog.Logger) {
			l = WithContext(l, Request{RequestID: "req-1", UserID: "u", ProjectID: "p", DomainID: "d"})
			l.Error().Err(errors.New("boom")).Str("stack", "a\n\tb").Msg("m")
		}, `{"message":"m","asctime":"2026-03-04 05:06:07","name":"oslo.x","msg":"m","args":[],` +
			`"levelname":"ERROR","levelno":40,CALLER,` + times + `"traceback":["a","\tb"],"hostname":"HOST","error_summary":"boom",` +
			`"context":{"request_id":"req-1","global_request_id":null,"user":"u","user_id":"u","user_name":null,"project":"p",` +
			`"project_id":"p","project_name":null,"tenant":"p","tenant_id":"p","domain":"d","system_scope":null,` +
			`"user_domain":null,"project_domain":null,"user_identity":"u p d - - -"},"extra":{}}`},
		{"broken parts", func(l zerolog.Logger) {
			l.Info().RawJSON("w", []byte("bare")).RawJSON("s", []byte("\"a\x01\xff\"")).RawJSON("b", []byte(`]"`)).Msg("m")
		}, `{"message":"m","asctime":"2026-03-04 05:06:07","name":"oslo.x","msg":"m","args":[],` +
			`"levelname":"INFO","levelno":20,CALLER,` + times + `"traceback":null,"hostname":"HOST","error_summary":"",` +
			`"context":{},"extra":{"w":"bare","s":"a \ufffd","unparsed":"\"b\":]\","}}`},
		{"nothing but a level", func(l zerolog.Logger) { l.Info().Send() },
			`{"message":"","asctime":"2026-03-04 05:06:07","name":"oslo.x","msg":"","args":[],` +
				`"levelname":"INFO","levelno":20,CALLER,` + times + `"traceback":null,"hostname":"HOST","error_summary":"",` +
				`"context":{},"extra":{}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg, out := fixture()
			cfg.UseJSON = true
			c.log(open(t, cfg).Logger("oslo_x"))
			if !json.Valid(out.Bytes()) {
				t.Errorf("not JSON: %s", out)
			}
			at := regexp.MustCompile(`"pathname":"/[^"]*/json_test.go","filename":"json_test.go","module":"json_test",` +
				`"lineno":\d+,"funcname":"TestJSONRecords\.func\d"`)
			got := strings.Replace(at.ReplaceAllString(out.String(), "CALLER"), `"`+host+`"`, `"HOST"`, 1)
			check(t, got, c.want+"\n")
		})
	}
}
