package http1

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const (
	get  = "GET / HTTP/1.1\r\nHost: x\r\n"
	post = "POST / HTTP/1.1\r\nHost: x\r\n"
)

// echo reads the body, and says how long it was.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		fmt.Fprintf(w, "%d", len(body))
	}
}

func TestWhatIsServed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want int // answers with 200
	}{
		"nothing":                             {"", 0},
		"a request":                           {get + "\r\n", 1},
		"line feeds only":                     {"GET / HTTP/1.1\nHost: x\n\n", 1},
		"two":                                 {get + "\r\n" + get + "\r\n", 2},
		"a body":                              {post + "Content-Length: 3\r\n\r\nabc", 1},
		"an empty body":                       {post + "content-LENGTH:0\r\n\r\n", 1},
		"blanks around a length":              {post + "Content-Length: \t 3 \t\r\n\r\nabc", 1},
		"a request in a body":                 {post + "Content-Length: 27\r\n\r\n" + get + "\r\n", 1},
		"chunks":                              {post + "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n00a\r\n0123456789\r\n0\r\n\r\n", 1},
		"extensions and trailers":             {post + "Transfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0;last\r\nA: b\r\nContent-Length: 5\r\n\r\n", 1},
		"an empty line behind a POST":         {post + "Content-Length: 1\r\n\r\na\r\n" + get + "\r\n", 2},
		"an empty line behind a GET":          {get + "\r\n\r\n" + get + "\r\n\n" + get + "\r\n", 3},
		"an empty line up front":              {"\r\n" + get + "\r\n", 1},
		"and nothing behind it":               {get + "\r\n\r\n", 1},
		"a value of bytes beyond ASCII":       {get + "A: \xff\t\xfe\r\n\r\n", 1},
		"an empty value":                      {get + "A:\r\n\r\n", 1},
		"HTTP/1.0":                            {"GET / HTTP/1.0\r\n\r\n", 1},
		"HTTP/1.7":                            {"GET / HTTP/1.7\r\nHost: x\r\n\r\n", 1},
		"a method nobody knows":               {"bre_W / HTTP/1.1\r\nHost: x\r\n\r\n", 1},
		"names that nearly mean something":    {get + "Content-Lengt: x\r\nContent_Length: 3\r\nX-Transfer-Encoding: gzip\r\n\r\n", 1},
		"a long name that begins like one":    {get + "Transfer-Encoding-And-More: gzip\r\n\r\n", 1},
		"a header line just short of a limit": {get + "A: " + strings.Repeat("x", 16384-6) + "\r\n\r\n", 1},
		"a first line just short of a limit":  {"GET /" + strings.Repeat("x", 8191-16) + " HTTP/1.1\r\nHost: x\r\n\r\n", 1},
		"as many headers as may be":           {get + strings.Repeat("A: b\r\n", 99) + "\r\n", 1},
		"all headers as long as may be": {get + strings.Repeat("A: "+strings.Repeat("x", 16000)+"\r\n", 4) + "A: " +
			strings.Repeat("x", 65536-4*16005-9-2-5) + "\r\n\r\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, steps := range [][]int{nil, every(c.text)} {
				answers, _ := newMemory(c.text, steps...).serve(echo)
				if got := statuses(answers); len(got) != c.want || slices.ContainsFunc(got, func(s string) bool { return s != "200" }) {
					t.Errorf("got %q, want %d answers", answers, c.want)
				}
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	chunked := post + "Transfer-Encoding: chunked\r\n\r\n"
	for name, c := range map[string]struct {
		text   string
		status int
		at     int
	}{
		"two empty lines":               {post + "Content-Length: 0\r\n\r\n\r\n\r\n", 400, 2},
		"two empty lines up front":      {"\n\n" + get + "\r\n", 400, 1},
		"a CR up front":                 {"\r" + get + "\r\n", 400, 1},
		"half a head":                   {get, 400, 1},
		"a handshake of TLS":            {"\x16\x03\x01\x02\x00", 400, 1},
		"no target":                     {"FOO\r\n", 400, 1},
		"HTTP/0.9":                      {"GET /\r\n", 400, 1},
		"two blanks":                    {"GET  / HTTP/1.1\r\n", 400, 1},
		"four words":                    {"GET / x HTTP/1.1\r\n", 400, 1},
		"HTTX":                          {"GET / HTTX\r\n", 400, 1},
		"http/1.1":                      {"GET / http/1.1\r\n", 400, 1},
		"a blank behind the version":    {"GET / HTTP/1.1 \r\n", 400, 1},
		"HTTP/9.9":                      {"GET / HTTP/9.9\r\n", 505, 1},
		"HTTP/2's preface":              {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, 1},
		"a control character up front":  {"GET /\x01 HTTP/1.1\r\n", 400, 1},
		"a target that is none":         {"GET nonsense HTTP/1.1\r\nHost: x\r\n\r\n", 400, 1},
		"a bad escape":                  {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, 1},
		"no colon":                      {get + "nonsense\r\n\r\n", 400, 1},
		"no name":                       {get + ": x\r\n\r\n", 400, 1},
		"a folded header":               {get + "A: b\r\n c\r\n\r\n", 400, 1},
		"a folded first header":         {"GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400, 1},
		"a blank before the colon":      {post + "Transfer-Encoding : chunked\r\n\r\n", 400, 1},
		"a tab before the colon":        {post + "Transfer-Encoding\t: chunked\r\n\r\n", 400, 1},
		"NUL in a value":                {get + "A: b\x00c\r\n\r\n", 400, 1},
		"NUL in a long value":           {get + "A: 0123456789abc\x00defghijkl\r\n\r\n", 400, 1},
		"NUL in a name":                 {get + "A\x00: b\r\n\r\n", 400, 1},
		"a CR of its own":               {get + "A: b\rc\r\n\r\n", 400, 1},
		"a CR before the end of line":   {get + "A: b\r\r\n\r\n", 400, 1},
		"DEL":                           {get + "A: \x7f\r\n\r\n", 400, 1},
		"no Host":                       {"GET / HTTP/1.1\r\n\r\n", 400, 1},
		"a bad Host":                    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, 1},
		"two Hosts":                     {get + "host: y\r\n\r\n", 400, 1},
		"length -1":                     {post + "Content-Length: -1\r\n\r\n", 400, 1},
		"length +5":                     {post + "Content-Length: +5\r\n\r\n", 400, 1},
		"length 0x5":                    {post + "Content-Length: 0x5\r\n\r\n", 400, 1},
		"length 5,5":                    {post + "Content-Length: 5,5\r\n\r\n", 400, 1},
		"length 5 5":                    {post + "Content-Length: 5 5\r\n\r\n", 400, 1},
		"no length":                     {post + "Content-Length:\r\n\r\n", 400, 1},
		"a huge length":                 {post + "Content-Length: 9223372036854775808\r\n\r\n", 400, 1},
		"two lengths":                   {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, 1},
		"one length twice":              {post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, 1},
		"chunked and a length":          {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400, 1},
		"a length and chunked":          {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 1},
		"chunked in HTTP/1.0":           {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 1},
		"chunked twice":                 {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 1},
		"gzip, chunked":                 {post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, 1},
		"chunked, chunked":              {post + "Transfer-Encoding: chunked, chunked\r\n\r\n", 501, 1},
		"xchunked":                      {post + "Transfer-Encoding: xchunked\r\n\r\n", 501, 1},
		"no coding":                     {post + "Transfer-Encoding:\r\n\r\n", 501, 1},
		"identity":                      {post + "Transfer-Encoding: identity\r\n\r\n", 501, 1},
		"vertical tab":                  {post + "Transfer-Encoding:\x0bchunked\r\n\r\n", 400, 1},
		"a length as trailer":           {post + "Trailer: Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, 1},
		"no size":                       {chunked + "\r\n", 400, 1},
		"a bad size":                    {chunked + "zz\r\n", 400, 1},
		"a size with a sign":            {chunked + "+3\r\nabc\r\n", 400, 1},
		"a size with 0x":                {chunked + "0x3\r\nabc\r\n", 400, 1},
		"a blank behind a size":         {chunked + "3 \r\nabc\r\n", 400, 1},
		"a huge size":                   {chunked + "10000000000000003\r\nabc\r\n", 400, 1},
		"a size and LF":                 {chunked + "3\nabc\r\n", 400, 1},
		"a chunk and LF":                {chunked + "3\r\nabc\n", 400, 1},
		"a chunk too long":              {chunked + "3\r\nabcd\r\n", 400, 1},
		"an extension and LF":           {chunked + "3;a\nabc\r\n", 400, 1},
		"a CR in an extension":          {chunked + "3;a\rb\r\nabc\r\n", 400, 1},
		"an endless extension":          {chunked + "3;" + strings.Repeat("x", 2000), 400, 1},
		"extensions without an end":     {chunked + strings.Repeat("1;"+strings.Repeat("x", 1000)+"\r\na\r\n", 20), 400, 1},
		"a trailer and LF":              {chunked + "0\r\nA: b\n\r\n", 400, 1},
		"an end and LF":                 {chunked + "0\r\n\n", 400, 1},
		"a folded trailer":              {chunked + "0\r\nA: b\r\n c\r\n\r\n", 400, 1},
		"too many trailers":             {chunked + "0\r\n" + strings.Repeat("A: b\r\n", 101) + "\r\n", 400, 1},
		"trailers that are too long":    {chunked + "0\r\nA: " + strings.Repeat("b", 5000) + "\r\n\r\n", 400, 1},
		"another expectation":           {post + "Expect: 200-ok\r\n\r\n", 417, 1},
		"two expectations":              {post + "Expect: 100-continue, 100-continue\r\n\r\n", 417, 1},
		"the second":                    {get + "\r\n" + get + "A : b\r\n\r\n" + get + "\r\n", 400, 2},
		"a first line of its limit":     {"GET /" + strings.Repeat("x", 8192-16) + " HTTP/1.1\r\n", 414, 1},
		"an endless first line":         {strings.Repeat("x", 10_000), 414, 1},
		"a header line of its limit":    {get + "A: " + strings.Repeat("x", 16384-5) + "\r\n\r\n", 400, 1},
		"an endless name":               {get + strings.Repeat("x", 20_000), 400, 1},
		"headers of more than the most": {get + strings.Repeat("A: "+strings.Repeat("x", 16000)+"\r\n", 5) + "\r\n", 400, 1},
		"too many headers":              {get + strings.Repeat("A: b\r\n", 100) + "\r\n", 400, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, steps := range [][]int{nil, every(c.text)} {
				answers, end := newMemory(c.text, steps...).serve(echo)
				got := statuses(answers)
				if len(got) != c.at || got[c.at-1] != fmt.Sprint(c.status) || end != Unread {
					t.Errorf("got %q (%d), want %d at %d", answers, end, c.status, c.at)
				}
			}
		})
	}
}

// TestItDoesNotMatterHowBytesCome cuts a stream in other places.
func TestItDoesNotMatterHowBytesCome(t *testing.T) {
	t.Parallel()
	text := get + "X_Y: z\r\nContent-Length: 0\r\n\r\nPOST /a%20b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:  chunked \r\nExpect: 100-continue\r\n\r\n" +
		"a;b=c\r\n0123456789\r\n0\r\nA: b\r\n\r\n\r\n" + get + "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nA: b\rc\r\n\r\n"
	want, answers, _ := ours([]byte(text), nil)
	if len(want) != 3 || !slices.Equal(statuses(answers), []string{"200", "100", "200", "200", "400"}) {
		t.Fatalf("got %q, %q", want, answers)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		a := random.IntN(len(text))
		b := a + random.IntN(len(text)-a)
		got, other, _ := ours([]byte(text), []int{a, b})
		if !slices.Equal(got, want) || !slices.Equal(statuses(other), statuses(answers)) {
			t.Fatalf("cut at %d and %d: %q, %q", a, b, got, other)
		}
	}
}
