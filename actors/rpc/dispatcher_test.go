package rpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func says(text string) rpc.Method {
	return func(context.Context, json.RawMessage) (any, error) { return text, nil }
}

// TestDispatch looks for methods as oslo.messaging does; the texts and classes are those it answers.
func TestDispatch(t *testing.T) {
	t.Parallel()
	d := dispatcher(t,
		rpc.Endpoint{Version: "1.9", Methods: map[string]rpc.Method{"get": says("plugin"), "only": says("plugin")}},
		rpc.Endpoint{Version: "1.3", Methods: map[string]rpc.Method{"get": says("second"), "rules": says("second")}},
		rpc.Endpoint{Version: "2.1", Methods: map[string]rpc.Method{"get": says("two")}},
		rpc.Endpoint{Namespace: "trunk", Methods: map[string]rpc.Method{"get": says("trunk")}},
	)
	for _, c := range []struct {
		name string
		m    rpc.Message
		want string
	}{
		{"the first endpoint that has it", rpc.Message{Method: "get", Version: "1.3"}, `"plugin"`},
		{"a later endpoint", rpc.Message{Method: "rules", Version: "1.1"}, `"second"`},
		{"no version is 1.0", rpc.Message{Method: "only"}, `"plugin"`},
		{"another major", rpc.Message{Method: "get", Version: "2.0"}, `"two"`},
		{"a namespace", rpc.Message{Method: "get", Namespace: "trunk", Version: "1.0"}, `"trunk"`},
		{"newer than the endpoint that has it", rpc.Message{Method: "rules", Version: "1.4"},
			"NoSuchMethod oslo_messaging.rpc.dispatcher: Endpoint does not support RPC method rules"},
		{"newer than all", rpc.Message{Method: "get", Version: "1.10"}, "UnsupportedVersion oslo_messaging.rpc.dispatcher: " +
			"Endpoint does not support RPC version 1.10. Attempted method: get"},
		{"unknown method", rpc.Message{Method: "no_such_method", Version: "1.0"},
			"NoSuchMethod oslo_messaging.rpc.dispatcher: Endpoint does not support RPC method no_such_method"},
		{"unknown namespace", rpc.Message{Method: "no_such_method", Namespace: "dhcp", Version: "1.0"},
			"UnsupportedVersion oslo_messaging.rpc.dispatcher: " +
				"Endpoint does not support RPC version 1.0. Attempted method: no_such_method"},
		{"namespaces are not inherited", rpc.Message{Method: "only", Namespace: "trunk", Version: "1.0"},
			"NoSuchMethod oslo_messaging.rpc.dispatcher: Endpoint does not support RPC method only"},
		{"no version at all", rpc.Message{Method: "get", Version: "x"}, "UnsupportedVersion oslo_messaging.rpc.dispatcher: " +
			"Endpoint does not support RPC version x. Attempted method: get"},
	} {
		raw, err := d.Dispatch(t.Context(), c.m)
		got := string(raw)
		var remote *rpc.RemoteError
		if errors.As(err, &remote) {
			got = remote.Class + " " + remote.Module + ": " + remote.Text
		} else if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestEndpointsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]rpc.Endpoint{
		"version":         {Version: "1"},
		"empty name":      {Methods: map[string]rpc.Method{"": says("x")}},
		"nil method":      {Methods: map[string]rpc.Method{"m": nil}},
		"reserved method": {Methods: map[string]rpc.Method{"oslo_rpc_server_ping": says("x")}},
	} {
		if _, err := rpc.NewDispatcher(e); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTypedMethodsRefuseArgumentsTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	type args struct {
		Host string `json:"host"`
	}
	d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
		"greet": rpc.Handle(func(_ context.Context, a args) (string, error) { return "hello " + a.Host, nil }),
	}})
	raw, err := d.Dispatch(t.Context(), rpc.Message{Method: "greet", Args: json.RawMessage(`{"host":"h1"}`)})
	if err != nil || string(raw) != `"hello h1"` {
		t.Errorf("got %s, %v", raw, err)
	}
	if raw, err := d.Dispatch(t.Context(), rpc.Message{Method: "greet"}); err != nil || string(raw) != `"hello "` {
		t.Errorf("without arguments: got %s, %v", raw, err)
	}
	for _, bad := range []string{`{"hosts":"h1"}`, `{"host":1}`} {
		_, err := d.Dispatch(t.Context(), rpc.Message{Method: "greet", Args: json.RawMessage(bad)})
		var remote *rpc.RemoteError
		if !errors.As(err, &remote) || remote.Class != "TypeError" || remote.Module != "builtins" {
			t.Errorf("%s: got %v, want a TypeError", bad, err)
		}
	}
}

func TestResultsThatAreNoJSONAreErrors(t *testing.T) {
	t.Parallel()
	d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
		"f": func(context.Context, json.RawMessage) (any, error) { return func() {}, nil },
	}})
	if _, err := d.Dispatch(t.Context(), rpc.Message{Method: "f"}); err == nil {
		t.Error("no error")
	}
}

func TestEndpointsSeeTheRequestContext(t *testing.T) {
	t.Parallel()
	d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
		"who": func(ctx context.Context, _ json.RawMessage) (any, error) { return rpc.ContextOf(ctx), nil },
	}})
	raw, err := d.Dispatch(t.Context(), rpc.Message{Method: "who", Context: json.RawMessage(`{"user_id":"u1"}`)})
	if err != nil || string(raw) != `{"user_id":"u1"}` {
		t.Errorf("got %s, %v", raw, err)
	}
	if got := rpc.ContextOf(t.Context()); got != nil {
		t.Errorf("outside of a request: got %s", got)
	}
}

// TestErrorsTravelWithTheirClass: the JSON is that of oslo.messaging's "failure".
func TestErrorsTravelWithTheirClass(t *testing.T) {
	t.Parallel()
	remote := rpc.NewRemoteError("m", "C", "text")
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"an error of the API", rpc.Expected(neutron.PortNotFound("p1")), `{"class":"PortNotFound",` +
			`"module":"neutron_lib.exceptions","message":"Port p1 could not be found.","tb":[],` +
			`"args":["Port p1 could not be found."],"kwargs":{}}`},
		{"any error", errors.New("broken"), `{"class":"RuntimeError","module":"builtins","message":"broken","tb":[],` +
			`"args":["broken"],"kwargs":{}}`},
		{"a panic", &otp.PanicError{Value: "bang", Stack: []byte("a\nb")}, `{"class":"RuntimeError","module":"builtins",` +
			`"message":"panic: bang","tb":["a\n","b"],"args":["panic: bang"],"kwargs":{}}`},
		{"a panic with an error", &otp.PanicError{Value: neutron.PortNotFound("p1")}, `{"class":"RuntimeError",` +
			`"module":"builtins","message":"panic: PortNotFound: Port p1 could not be found.","tb":[""],` +
			`"args":["panic: PortNotFound: Port p1 could not be found."],"kwargs":{}}`},
		{"one that came from remote", remote, `{"class":"C","module":"m","message":"text","tb":[],"args":["text"],"kwargs":{}}`},
	} {
		raw, err := json.Marshal(rpc.Failure(c.err))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, string(raw)); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
	if rpc.Expected(nil) != nil {
		t.Error("no error, expected, is one")
	}
}
